/** esbuild bundles: the store in one file (one request on a slow phone), the live pages sharing Leaflet and the socket. */
import path from "node:path";
import esbuild from "esbuild";
import { DIST, FRONTEND, ROOT, outputs } from "./paths.mjs";

const COMMON = {
  bundle: true, minify: true, write: false, metafile: true, format: "esm", target: "es2022", outdir: DIST,
  entryNames: "[name]-[hash]", chunkNames: "chunk-[hash]", legalComments: "none", logLevel: "error",
  absWorkingDir: ROOT,
  define: { "process.env.NODE_ENV": '"production"' },
};

export async function buildScripts() {
  const [alone, live, worker] = await Promise.all([
    esbuild.build({ ...COMMON, entryPoints: entries("store", "admin", "search", "pay") }),
    esbuild.build({ ...COMMON, entryPoints: entries("track", "driver", "board", "zone"), splitting: true }),
    // Neither is a module: browsers without module workers are many, and a deferred script knows its own element.
    esbuild.build({ ...COMMON, format: "iife", entryPoints: entries("worker", "start") }),
  ]);
  const part = { files: new Map([...outputs(alone), ...outputs(live), ...outputs(worker)]), names: {} };
  for (const result of [alone, live, worker]) {
    for (const [file, info] of Object.entries(result.metafile.outputs)) {
      if (!info.entryPoint) continue;
      const logical = `${path.basename(file).replace(/-[A-Z0-9]{8}\.js$/, "")}.js`;
      part.names[logical] = path.relative(DIST, path.resolve(ROOT, file)).split(path.sep).join("/");
    }
  }
  return part;
}

function entries(...names) {
  return names.map((name) => ({ in: path.join(FRONTEND, "ts", name, `${name}.ts`), out: name }));
}
