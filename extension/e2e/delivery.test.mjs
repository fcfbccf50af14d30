// A passkey is pending until its page confirmed that it got it: where the page went away at that moment nobody knows
// whether the site holds it. Such a one is marked, and offered last.
import assert from "node:assert/strict";
import { test } from "node:test";
import { approveWindow, noApproveWindow } from "./lib/approve-window.mjs";
import { after, until } from "./lib/browsers.mjs";
import { press } from "./lib/person.mjs";
import { attempt, KINDS, open, RELYING_PARTIES, visit } from "./lib/signed-in.mjs";

const accounts = window =>
  window.evaluate(() =>
    [...document.querySelectorAll(".account")].map(e => ({
      name: e.querySelector(".account-name").textContent,
      unconfirmed: /unconfirmed/i.test(e.textContent),
    })),
  );

for (const kind of KINDS)
  test(kind, async t => {
    const site = await RELYING_PARTIES["go-webauthn"]();
    after(t, site.close);
    const browser = await open(t, kind);
    const { bed } = browser;
    const page = await visit(browser, site.origin);
    assert.equal((await attempt(page, "register", { user: "sure@example.com" })).ok, true);

    // Its page hangs when the person says yes, so that it never takes the answer, and is closed like that.
    await bed.consent("ask");
    const lost = await visit(browser, site.origin);
    attempt(lost, "register", { user: "lost@example.com" }).catch(() => {}); // ends with its page
    const asking = await approveWindow(browser);
    lost
      .evaluate(() => {
        const end = Date.now() + 5000;
        while (Date.now() < end);
      })
      .catch(() => {});
    await press(asking, /^save passkey$/);
    await noApproveWindow(browser);
    await lost.close();

    await page.bringToFront();
    const call = attempt(page, "login", {});
    const window = await approveWindow(browser);
    const seen = await until(async () => {
      const now = await accounts(window);
      return now.length > 0 && now;
    }, "the accounts");
    assert.deepEqual(seen, [
      { name: "sure@example.com", unconfirmed: false },
      { name: "lost@example.com", unconfirmed: true },
    ]);
    await press(window, /^sign in$/);
    assert.equal((await call).user, "sure@example.com");
    await noApproveWindow(browser);
  });
