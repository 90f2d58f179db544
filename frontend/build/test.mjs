/** `npm test`: bundle every frontend/tests/*.test.ts into a scratch folder and run node's own test runner on it. */
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import esbuild from "esbuild";
import { FRONTEND } from "./paths.mjs";

const tests = path.join(FRONTEND, "tests");
const scratch = await mkdtemp(path.join(tmpdir(), "theriac-tests-"));
try {
  const names = (await readdir(tests)).filter((name) => name.endsWith(".test.ts"));
  await esbuild.build({
    entryPoints: names.map((name) => path.join(tests, name)), outdir: scratch, outExtension: { ".js": ".mjs" },
    bundle: true, platform: "node", format: "esm", target: "node20", logLevel: "error",
  });
  const files = names.map((name) => path.join(scratch, name.replace(/\.ts$/, ".mjs")));
  process.exitCode = spawnSync(process.execPath, ["--test", ...files], { stdio: "inherit" }).status ?? 1;
} finally {
  await rm(scratch, { recursive: true, force: true });
}
