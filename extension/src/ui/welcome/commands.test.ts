import assert from "node:assert/strict";
import { test } from "node:test";
import { archiveCommand, browserArgument, checkoutCommand, installCommand, terminalName } from "./commands";

const WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0";
const LINUX = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36";

test("the command names the browser as `keyferry install` does", () => {
  assert.equal(installCommand({ userAgent: LINUX, brands: [], firefox: true }), "keyferry install firefox");
  assert.equal(browserArgument({ userAgent: LINUX, brands: ["Chromium", "Not=A?Brand"], firefox: false }), "chromium");
  assert.equal(browserArgument({ userAgent: LINUX, brands: ["Chromium", "Google Chrome"], firefox: false }), "chrome");
  assert.equal(browserArgument({ userAgent: LINUX, brands: [], firefox: false }), "chromium");
  for (const [name, brands, word] of [
    ["edge", ["Chromium", "Microsoft Edge"], ""],
    ["edge", [], " Edg/156.0.0.0"],
    ["brave", ["Chromium", "Brave"], ""],
    ["opera", ["Chromium", "Google Chrome"], " OPR/120.0.0.0"],
    ["vivaldi", ["Chromium", "Google Chrome"], " Vivaldi/8.0"],
  ] as const)
    assert.equal(browserArgument({ userAgent: LINUX + word, brands, firefox: false }), name);
  assert.equal(browserArgument({ userAgent: `${LINUX} Waterfox/6.6`, brands: [], firefox: true }), "waterfox");
});

test("the terminal has the name it has there", () => {
  assert.equal(terminalName(LINUX), "a terminal");
  assert.equal(terminalName("Mozilla/5.0 (Windows NT 10.0; Win64; x64)"), "PowerShell");
  assert.equal(terminalName("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"), "the Terminal app");
});

test("what is not on the PATH is run from its folder", () => {
  const chrome = { brands: ["Google Chrome"], firefox: false };
  assert.equal(archiveCommand({ ...chrome, userAgent: LINUX }), "./keyferry install chrome");
  assert.equal(archiveCommand({ ...chrome, userAgent: WINDOWS }), ".\\keyferry.exe install chrome");
  assert.equal(checkoutCommand({ ...chrome, userAgent: LINUX }), "make install");
  assert.equal(checkoutCommand({ ...chrome, userAgent: WINDOWS }), undefined);
});
