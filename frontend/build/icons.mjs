/** One SVG sprite of the lucide icons named in frontend/icons.txt; colour and stroke come from the page (`.i`). */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { FRONTEND, MODULES, onePart } from "./paths.mjs";

export async function buildIcons() {
  const list = await readFile(path.join(FRONTEND, "icons.txt"), "utf8");
  const names = list.split("\n").map((line) => line.trim()).filter((line) => line && !line.startsWith("#"));
  const symbols = await Promise.all(names.map(symbolOf));
  return onePart([["icons.svg", `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`]]);
}

async function symbolOf(name) {
  const source = await readFile(path.join(MODULES, "lucide-static/icons", `${name}.svg`), "utf8");
  const inner = source.slice(source.indexOf(">", source.indexOf("<svg")) + 1, source.lastIndexOf("</svg>"));
  return `<symbol id="${name}" viewBox="0 0 24 24">${inner.replace(/\s+/g, " ").replaceAll(" />", "/>").trim()}</symbol>`;
}
