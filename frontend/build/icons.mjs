/** One SVG sprite of the lucide icons named in frontend/icons.txt; colour and stroke come from the page (`.i`). */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { FRONTEND, MODULES, onePart } from "./paths.mjs";

/** The hourglass as the browser tab's icon: bottle green on paper in both themes. */
const MARK =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#F6F2E8"/>' +
  '<path fill="#12382A" d="M4 5.5A1.5 1.5 0 0 1 5.5 4h21A1.5 1.5 0 0 1 28 5.5v2A1.5 1.5 0 0 1 26.5 9h-21A1.5 1.5 0 0 1 4 7.5zM9.5 11h13c0 4-2.7 5-2.7 8.7s2.7 4.8 2.7 8.3h-13c0-3.5 2.7-4.6 2.7-8.3S9.5 15 9.5 11Z"/>' +
  '<circle cx="16" cy="19.6" r="2.3" fill="#E2A23F"/></svg>';

export async function buildIcons() {
  const list = await readFile(path.join(FRONTEND, "icons.txt"), "utf8");
  const names = list.split("\n").map((line) => line.trim()).filter((line) => line && !line.startsWith("#"));
  const symbols = await Promise.all(names.map(symbolOf));
  const drawn = (await readdir(path.join(FRONTEND, "icons"))).filter((name) => name.endsWith(".png"));
  const apps = await Promise.all(drawn.map(async (name) => [`icons/${name}`, await readFile(path.join(FRONTEND, "icons", name))]));
  return onePart([...apps, ["mark.svg", MARK], ["icons.svg", `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`]]);
}

async function symbolOf(name) {
  const source = await readFile(path.join(MODULES, "lucide-static/icons", `${name}.svg`), "utf8");
  const inner = source.slice(source.indexOf(">", source.indexOf("<svg")) + 1, source.lastIndexOf("</svg>"));
  return `<symbol id="${name}" viewBox="0 0 24 24">${inner.replace(/\s+/g, " ").replaceAll(" />", "/>").trim()}</symbol>`;
}
