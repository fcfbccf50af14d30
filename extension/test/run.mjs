// Runs the unit tests, src/**/*.test.ts and *.test.tsx, with node's own runner: each is bundled by esbuild as the
// build bundles the extension. `node test/run.mjs chunks` runs those whose path contains "chunks".
import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const wanted = process.argv.slice(2);
const found = (await readdir(join(root, "src"), { recursive: true }))
  .filter(f => /\.test\.tsx?$/.test(f) && (wanted.length === 0 || wanted.some(w => f.includes(w))))
  .map(f => join("src", f))
  .sort();
if (found.length === 0) {
  console.error("no tests match");
  process.exit(1);
}

const out = await mkdtemp(join(tmpdir(), "keyferry-unit-"));
try {
  await build({
    absWorkingDir: root,
    entryPoints: found,
    outdir: out,
    outbase: "src",
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    jsx: "automatic",
    jsxImportSource: "preact",
    loader: { ".css": "empty", ".svg": "text", ".png": "dataurl" },
    sourcemap: "inline",
    define: { __TEST__: "true", __FIREFOX__: "false" },
    logLevel: "warning",
  });
  const files = found.map(f => join(out, f.replace(/^src\//, "").replace(/\.tsx?$/, ".mjs")));
  const args = ["--enable-source-maps", `--import=${new URL("setup.mjs", import.meta.url)}`, "--test", ...files];
  const runner = spawn(process.execPath, args, { stdio: "inherit" });
  process.exitCode = await new Promise(resolve => runner.on("close", code => resolve(code ?? 1)));
} finally {
  await rm(out, { recursive: true, force: true });
}
