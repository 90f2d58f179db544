/** Where things are, and how a file gets the name it can be cached under for ever. */
import { createHash } from "node:crypto";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
export const FRONTEND = path.join(ROOT, "frontend");
export const DIST = path.join(ROOT, "app/static/dist");
export const MODULES = path.join(ROOT, "node_modules");

/** `maps/miami.json` + contents → `maps/miami-1a2b3c4d.json`. */
export function hashed(name, contents) {
  const digest = createHash("sha256").update(contents).digest("hex").slice(0, 10);
  const { dir, name: stem, ext } = path.parse(name);
  return path.posix.join(dir, `${stem}-${digest}${ext}`);
}

/** One logical file as a part of the build's result. */
export function onePart(entries) {
  const part = { files: new Map(), names: {} };
  for (const [name, contents] of entries) {
    part.names[name] = hashed(name, contents);
    part.files.set(part.names[name], contents);
  }
  return part;
}

/** esbuild's in-memory output files as [path under dist, bytes]. */
export function outputs(result) {
  return result.outputFiles.map((file) => [path.relative(DIST, file.path).split(path.sep).join("/"), file.contents]);
}
