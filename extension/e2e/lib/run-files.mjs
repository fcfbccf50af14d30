// Runs the browser tests, two files at a time: `node run-files.mjs FILE…`. Two files can starve each other's browsers
// on a small machine, so a file that fails beside another is run once more by itself, and has to pass then. Each such
// file is named at the end: it is a test that does not wait for what it needs.
import { resolve } from "node:path";
import { finished } from "node:stream/promises";
import { run } from "node:test";
import { spec as Spec } from "node:test/reporters";

const PER_FILE_MS = 600_000;

/** Runs `files` and returns those with a failure. */
async function failures(files, concurrency) {
  const failed = new Set();
  const results = run({ files, concurrency, timeout: PER_FILE_MS });
  results.on("test:fail", ({ file, name, todo }) => {
    if (todo === undefined) failed.add(resolve(file ?? name));
  });
  const report = results.compose(new Spec());
  report.pipe(process.stdout, { end: false });
  await finished(report, { writable: false });
  return [...failed];
}

// Those that take longest begin first, so that none of them is left alone at the end.
const LONG = /(ui-states|transfer|rpid|killed)\.test\.mjs$/;
const files = process.argv.slice(2).map(file => resolve(file));
files.sort((a, b) => LONG.test(b) - LONG.test(a));
if (files.length === 0) throw new Error("which files? node run-files.mjs FILE…");
const again = await failures(files, 2);
if (again.length > 0) {
  console.log(`\ne2e: failed beside another file, run again alone: ${again.join(" ")}\n`);
  const unknown = again.filter(file => !files.includes(file));
  const still = unknown.length > 0 ? unknown : await failures(again, 1);
  console.log(
    still.length > 0 ? `\ne2e: failed: ${still.join(" ")}` : `\ne2e: all passed; only alone: ${again.join(" ")}`,
  );
  if (still.length > 0) process.exitCode = 1;
}
