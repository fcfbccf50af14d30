// An approve window left open for six minutes, in both browsers at once: workers and event pages come and go meanwhile,
// and the person's yes still counts. A call whose page allows less than that ends by its own timeout.
import assert from "node:assert/strict";
import { test } from "node:test";
import { approveWindow, approveWindows, nativeAuthenticator, noApproveWindow } from "../lib/approve-window.mjs";
import { after } from "../lib/browsers.mjs";
import { press } from "../lib/person.mjs";
import { attempt, KINDS, open, RELYING_PARTIES, visit } from "../lib/signed-in.mjs";

const SIX_MINUTES = 6 * 60_000;
const pause = ms => new Promise(resolve => setTimeout(resolve, ms));

test("six minutes", { concurrency: true }, t => Promise.all(KINDS.map(kind => t.test(kind, t => sixMinutes(t, kind)))));

async function sixMinutes(t, kind) {
  const site = await RELYING_PARTIES["go-webauthn"]();
  after(t, site.close);
  const browser = await open(t, kind, { consent: "ask" });
  const page = await visit(browser, site.origin);
  // Left in the page: the driver itself waits for three minutes at most.
  await page.evaluate(timeout => {
    const change = o => Object.assign(o, { timeout });
    globalThis.call = rp.attempt("register", { user: "slow@example.com" }, { change });
  }, 9 * 60_000);
  await approveWindow(browser);
  await pause(SIX_MINUTES);
  assert.equal((await approveWindows(browser)).length, 1, "it is still there");
  await press(await approveWindow(browser), /^save passkey$/);
  const made = await page.evaluate(() => globalThis.call);
  assert.equal(made.ok, true, JSON.stringify(made));
  await noApproveWindow(browser);
  const seen = attempt(page, "login", { user: "slow@example.com" });
  await press(await approveWindow(browser), /^sign in$/);
  assert.equal((await seen).ok, true, JSON.stringify(await seen));
}

test("another device after a while: the browser gets what is left of the call's time", {
  skip: !KINDS.includes("chromium") && "Chromium only",
}, async t => {
  const site = await RELYING_PARTIES["go-webauthn"]();
  after(t, site.close);
  const browser = await open(t, "chromium", { consent: "ask" });
  const page = await visit(browser, site.origin);
  await nativeAuthenticator(browser, page, { touched: false });
  const begun = Date.now();
  const call = page.evaluate(() =>
    rp.attempt("register", { user: "late@example.com" }, { change: o => Object.assign(o, { timeout: 40_000 }) }),
  );
  const window = await approveWindow(browser);
  await pause(25_000);
  await press(window, /^use another device instead$/);
  assert.equal((await call).thrown?.name, "NotAllowedError", JSON.stringify(await call));
  const took = Date.now() - begun;
  assert.ok(took > 38_000 && took < 55_000, `it ended after ${took} ms of 40,000`);
});
