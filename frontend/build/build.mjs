/** `npm run build`: styles, scripts, icons and base maps → app/static/dist with a manifest of hashed names. */
import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { brotliCompress, gzip } from "node:zlib";
import { buildIcons } from "./icons.mjs";
import { buildMaps } from "./maps.mjs";
import { DIST } from "./paths.mjs";
import { buildScripts } from "./scripts.mjs";
import { buildStyles } from "./styles.mjs";

/** Files of an earlier build stay this long: a page rendered just before a release still finds its own. */
const KEEP_MS = 60 * 60 * 1000;

const started = Date.now();
const parts = await Promise.all([buildStyles(), buildScripts(), buildIcons(), buildMaps()]);
const files = new Map(parts.flatMap((part) => [...part.files]));
const manifest = Object.fromEntries(parts.flatMap((part) => Object.entries(part.names)).sort());
files.set("manifest.json", JSON.stringify(manifest, null, 1));
await shrink(files);
for (const [name, contents] of files) await writeWhole(name, contents);
await sweep(new Set(files.keys()));
const size = (name) => `${name} ${Math.round(Buffer.byteLength(files.get(manifest[name])) / 1024)} KB`;
console.log(`${["store.css", "store.js"].map(size).join(", ")}; ${files.size} files in ${Date.now() - started} ms`);

/** A Brotli and a gzip copy of each text: made once here, not for every visitor. */
async function shrink(files) {
  const texts = [...files].filter(([name, contents]) => /\.(css|js|svg|json)$/.test(name) && name !== "manifest.json" && contents.length > 1024);
  await Promise.all(texts.map(async ([name, contents]) => {
    const raw = Buffer.from(contents);
    const [br, gz] = await Promise.all([promisify(brotliCompress)(raw), promisify(gzip)(raw, { level: 9 })]);
    files.set(`${name}.br`, br);
    files.set(`${name}.gz`, gz);
  }));
}

/** Write beside, then rename: a server never reads half a file. */
async function writeWhole(name, contents) {
  const target = path.join(DIST, name);
  await mkdir(path.dirname(target), { recursive: true });
  const draft = `${target}.${process.pid}`;
  await writeFile(draft, contents);
  await rename(draft, target);
}

async function sweep(current) {
  for (const entry of await readdir(DIST, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const full = path.join(entry.parentPath ?? entry.path, entry.name);
    if (current.has(path.relative(DIST, full).split(path.sep).join("/"))) continue;
    const age = await stat(full).then((info) => Date.now() - info.mtimeMs, () => 0);
    if (age > KEEP_MS) await rm(full, { force: true });
  }
}

