// Every state of every page of ours, at the narrowest width: no axe-core finding, nothing that can be scrolled
// sideways, no error in the console, nothing that the extension's content security policy forbids.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const SHOTS = fileURLToPath(new URL("../src/ui/preview/shots.mjs", import.meta.url));

test("every state of our pages is accessible and fits 320 pixels", async () => {
  const run = promisify(execFile)(process.execPath, [SHOTS, "--widths", "320", "--schemes", "light", "--no-pictures"]);
  const { stdout } = await run.catch(error => error);
  assert.match(stdout, /^looked at \d{3,}\n$/, stdout);
});
