// Builds the unpacked extensions: `node build.mjs` makes ../build/chrome and ../build/firefox, `node build.mjs --test`
// the test builds ../build/test/chrome and ../build/test/firefox (other ids, loudly named).
//
// What goes in: src/page/main.ts (page.js), src/content/main.ts (content.js), src/background/main.ts (background.js),
// each one file; every src/ui/NAME/ with an index.html and a main.tsx becomes ui/NAME/{index.html,main.js,main.css},
// sharing chunks. The same inputs give the same bytes.

import { existsSync } from "node:fs";
import { cp, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { manifest } from "./manifest/manifest.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const test = process.argv.includes("--test");
const root = join(here, "..", "build", ...(test ? ["test"] : []));

async function pages() {
  const ui = join(here, "src/ui");
  const names = existsSync(ui) ? await readdir(ui) : [];
  return names.filter(n => existsSync(join(ui, n, "index.html")) && existsSync(join(ui, n, "main.tsx"))).sort();
}

async function one(browser) {
  // Built beside and moved into place, so that a failed build leaves the last good one.
  const out = join(root, `.${browser}.new`);
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const common = {
    absWorkingDir: here,
    bundle: true,
    charset: "utf8",
    legalComments: "none",
    logLevel: "warning",
    target: browser === "chrome" ? "chrome120" : "firefox140",
    define: { __TEST__: String(test), __FIREFOX__: String(browser === "firefox") },
  };
  for (const [name, entry] of [
    ["page", "src/page/main.ts"],
    ["content", "src/content/main.ts"],
    ["background", "src/background/main.ts"],
  ]) {
    await build({ ...common, entryPoints: [entry], outfile: join(out, `${name}.js`), format: "iife" });
  }
  const names = await pages();
  if (names.length > 0) {
    await build({
      ...common,
      entryPoints: names.map(n => ({ in: `src/ui/${n}/main.tsx`, out: `${n}/main` })),
      outdir: join(out, "ui"),
      outbase: "src/ui",
      format: "esm",
      splitting: true,
      chunkNames: "shared/[name]-[hash]",
      assetNames: "shared/[name]-[hash]",
      jsx: "automatic",
      jsxImportSource: "preact",
      loader: { ".svg": "file", ".png": "file", ".woff2": "file" },
      minifySyntax: true,
    });
    for (const n of names) await cp(join(here, "src/ui", n, "index.html"), join(out, "ui", n, "index.html"));
  }
  if (existsSync(join(here, "icons"))) await cp(join(here, "icons"), join(out, "icons"), { recursive: true });
  await writeFile(join(out, "manifest.json"), `${JSON.stringify(manifest(browser, test), null, 2)}\n`);
  const final = join(root, browser);
  await rm(final, { recursive: true, force: true });
  await rename(out, final);
}

for (const browser of ["chrome", "firefox"]) await one(browser);
