import assert from "node:assert/strict";
import { test } from "node:test";
import { browserArgument, installCommand, terminalName } from "./commands";

const LINUX = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36";

test("the command names the browser as `keyferry install` does", () => {
  assert.equal(installCommand({ userAgent: LINUX, brands: [], firefox: true }), "keyferry install firefox");
  assert.equal(browserArgument({ userAgent: LINUX, brands: ["Chromium", "Not=A?Brand"], firefox: false }), "chromium");
  assert.equal(browserArgument({ userAgent: LINUX, brands: ["Chromium", "Google Chrome"], firefox: false }), "chrome");
  assert.equal(browserArgument({ userAgent: LINUX, brands: [], firefox: false }), "chromium");
});

test("the terminal has the name it has there", () => {
  assert.equal(terminalName(LINUX), "a terminal");
  assert.equal(terminalName("Mozilla/5.0 (Windows NT 10.0; Win64; x64)"), "PowerShell");
  assert.equal(terminalName("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"), "the Terminal app");
});
