/** Tailwind compiles the sheets; esbuild then hashes the fonts they name and inlines Leaflet's small pictures. */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import esbuild from "esbuild";
import { DIST, FRONTEND, MODULES, ROOT, outputs } from "./paths.mjs";

const SHEETS = ["store", "live", "staff", "rider", "admin"];
/** The two faces above the fold; templates preload them by these logical names. */
const PRELOADED = /^(onest-latin-wght|piazzolla-latin-opsz)-normal/;

/** Tailwind inlines Leaflet's sheet as it is; its pictures still lie beside the original. */
const leafletPictures = {
  name: "leaflet-pictures",
  setup(build) {
    build.onResolve({ filter: /^images\// }, ({ path: file }) => ({ path: path.join(MODULES, "leaflet/dist", file) }));
  },
};

export async function buildStyles() {
  const part = { files: new Map(), names: {} };
  const scratch = await mkdtemp(path.join(tmpdir(), "theriac-css-"));
  try {
    for (const sheet of await Promise.all(SHEETS.map((name) => compile(name, scratch)))) {
      for (const [file, contents] of sheet.files) part.files.set(file, contents);
      Object.assign(part.names, sheet.names);
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return part;
}

async function compile(name, scratch) {
  const draft = path.join(scratch, `${name}.css`);
  await tailwind(path.join(FRONTEND, "css", `${name}.css`), draft);
  const result = await esbuild.build({
    stdin: { contents: await readFile(draft, "utf8"), resolveDir: path.join(FRONTEND, "css"), loader: "css" },
    bundle: true, minify: true, write: false, outdir: DIST, entryNames: `${name}-[hash]`, assetNames: "fonts/[name]-[hash]",
    loader: { ".woff2": "file", ".png": "dataurl" }, target: ["chrome111", "firefox128", "safari16.4"], logLevel: "error", plugins: [leafletPictures],
  });
  const part = { files: new Map(outputs(result)), names: {} };
  for (const file of part.files.keys()) {
    const base = path.basename(file);
    if (base.startsWith(`${name}-`) && base.endsWith(".css")) part.names[`${name}.css`] = file;
    else if (PRELOADED.test(base)) part.names[`fonts/${base.replace(/-[A-Z0-9]{8}(?=\.woff2$)/, "")}`] = file;
  }
  return part;
}

function tailwind(input, output) {
  const cli = path.join(MODULES, "@tailwindcss/cli/dist/index.mjs");
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli, "-i", input, "-o", output, "--minify"], { cwd: ROOT });
    let log = "";
    child.stderr.on("data", (chunk) => { log += chunk; });
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve() : reject(new Error(`tailwind ${path.basename(input)}: ${log}`))));
  });
}
