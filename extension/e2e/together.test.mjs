// Several at once: two tabs of one browser, and both browsers on one vault.
import assert from "node:assert/strict";
import { test } from "node:test";
import { approveWindow, noApproveWindow } from "./lib/approve-window.mjs";
import { after, until } from "./lib/browsers.mjs";
import { press } from "./lib/person.mjs";
import { attempt, KINDS, open, openTogether, RELYING_PARTIES, visit } from "./lib/signed-in.mjs";

const ok = result => {
  assert.equal(result.ok, true, JSON.stringify(result));
  return result;
};

for (const kind of KINDS)
  test(`${kind}: two tabs ask at once, each in a window of its own`, async t => {
    const site = await RELYING_PARTIES["go-webauthn"]();
    after(t, site.close);
    const browser = await open(t, kind, { consent: "ask" });
    const first = await visit(browser, site.origin);
    const second = await visit(browser, site.origin.replace("localhost", "second.localhost"));

    await first.bringToFront();
    const one = attempt(first, "register", { user: "one@example.com" });
    await approveWindow(browser, { armed: false });
    await second.bringToFront();
    const two = attempt(second, "register", { user: "two@example.com" });
    const windowOf = name =>
      until(async () => {
        for (const page of await browser.pages()) {
          const says = await page.evaluate(() => location.pathname + document.body.innerText).catch(() => "");
          if (says.includes("/approve/") && says.includes(name)) return page;
        }
        return undefined;
      }, `the window for ${name}`);
    await press(await windowOf("two@example.com"), /^save passkey$/);
    assert.equal(ok(await two).user, "two@example.com");
    const window = await windowOf("one@example.com");
    await window.bringToFront();
    await press(window, /^save passkey$/);
    assert.equal(ok(await one).user, "one@example.com");
    await noApproveWindow(browser);
  });

test("one vault: what one browser registers the other signs in with, also at the same time", {
  skip: KINDS.length < 2 && "needs both browsers",
}, async t => {
  const site = await RELYING_PARTIES["go-webauthn"]();
  after(t, site.close);
  const [chromium, firefox] = await openTogether(t, ["chromium", "firefox"]);
  const pages = [await visit(chromium, site.origin), await visit(firefox, site.origin)];
  const [inChromium, inFirefox] = pages;
  ok(await attempt(inChromium, "register", { user: "ada@example.com" }));
  assert.equal(ok(await attempt(inFirefox, "login", {})).user, "ada@example.com");

  // Twenty registrations and sign-ins from each, all at once; each tab one after the other, as a tab does.
  const busy = async (page, name) => {
    for (let n = 0; n < 20; n++) {
      const user = `${name}${n}@example.com`;
      ok(await attempt(page, "register", { user }));
      assert.equal(ok(await attempt(page, "login", { user })).user, user);
    }
  };
  await Promise.all([busy(inChromium, "c"), busy(inFirefox, "f")]);
  // And each with the other's.
  await Promise.all([
    attempt(inFirefox, "login", { user: "c7@example.com" }).then(ok),
    attempt(inChromium, "login", { user: "f7@example.com" }).then(ok),
  ]);
  const { agents, bridges } = await chromium.bed.processes();
  assert.deepEqual([agents.length, bridges.length], [1, 2], "one agent, a bridge for each browser");
});
