// The person's answers in the approve window, given with real presses: yes by pointer and by Enter, no in all its ways,
// another device, and calls that end while it is open.
import assert from "node:assert/strict";
import { test } from "node:test";
import { approveWindow, approveWindows, nativeAuthenticator, noApproveWindow } from "./lib/approve-window.mjs";
import { after, until } from "./lib/browsers.mjs";
import { key, press, reads } from "./lib/person.mjs";
import { attempt, KINDS, open, RELYING_PARTIES, visit } from "./lib/signed-in.mjs";

for (const kind of KINDS)
  test(kind, async t => {
    const site = await RELYING_PARTIES["go-webauthn"]();
    after(t, site.close);
    const browser = await open(t, kind, { consent: "ask" });
    const port = new URL(site.origin).port;
    // A host of its own for each test: how often a site may ask is counted by site.
    const visitAs = name => visit(browser, `http://${name}.localhost:${port}`);
    const refused = result =>
      assert.deepEqual([result.thrown?.name, result.thrown?.isDOMException], ["NotAllowedError", true]);

    await t.test("yes by pointer registers, yes by Enter signs in", async () => {
      const page = await visitAs("yes");
      const made = attempt(page, "register", { user: "ada@example.com" });
      const window = await approveWindow(browser);
      await reads(window, /save a passkey for\s+yes\.localhost/);
      await reads(window, /ada@example\.com/);
      await press(window, /^save passkey$/);
      assert.equal((await made).ok, true, JSON.stringify(await made));
      await noApproveWindow(browser);

      const seen = attempt(page, "login", { user: "ada@example.com" });
      await key(await approveWindow(browser), "Enter");
      assert.equal((await seen).ok, true, JSON.stringify(await seen));
      await noApproveWindow(browser);
      await page.close();
    });

    await t.test("no by Cancel, by Escape and by closing the window, and no second dialog", async () => {
      const page = await visitAs("no");
      if (kind === "chromium") await nativeAuthenticator(browser, page); // it would say yes if it were asked
      for (const no of [
        window => press(window, /^cancel/),
        window => key(window, "Escape"),
        window => window.close(),
      ]) {
        const call = attempt(page, "register", { user: "no@example.com" });
        await no(await approveWindow(browser));
        refused(await call);
        await noApproveWindow(browser);
      }
      await page.close();
    });

    await t.test("the call's own timeout ends it, and its window", async () => {
      const page = await visitAs("timeout");
      const call = page.evaluate(() =>
        rp.attempt("register", { user: "late@example.com" }, { change: o => Object.assign(o, { timeout: 3000 }) }),
      );
      await approveWindow(browser, { armed: false });
      refused(await call);
      await noApproveWindow(browser);
      await page.close();
    });

    await t.test("a page that aborts closes the window", async () => {
      const page = await visitAs("abort");
      const call = page.evaluate(() => {
        globalThis.controller = new AbortController();
        return rp.attempt("register", { user: "abort@example.com" }, { signal: controller.signal });
      });
      await approveWindow(browser, { armed: false });
      await page.evaluate(() => controller.abort());
      assert.equal((await call).thrown.name, "AbortError");
      await noApproveWindow(browser);
      await page.close();
    });

    await t.test("a page that goes away takes its window along", async () => {
      const page = await visitAs("gone");
      const call = attempt(page, "register", { user: "gone@example.com" }).catch(() => "gone");
      await approveWindow(browser, { armed: false });
      await page.goto(`http://elsewhere.localhost:${port}/`);
      assert.equal(await call, "gone");
      await noApproveWindow(browser);
      await page.close();

      const closed = await visitAs("closed");
      const last = attempt(closed, "register", { user: "gone@example.com" }).catch(() => "gone");
      await approveWindow(browser, { armed: false });
      await closed.close();
      assert.equal(await last, "gone");
      await noApproveWindow(browser);
    });

    await t.test("one window for a tab: a second call is refused while the first one waits", async () => {
      const page = await visitAs("once");
      const first = attempt(page, "register", { user: "first@example.com" });
      const window = await approveWindow(browser);
      const second = await attempt(page, "register", { user: "second@example.com" });
      // Firefox refuses a document without the focus by itself; Chromium's word for a second call is the former.
      assert.match(second.thrown?.name, /^(OperationError|NotAllowedError)$/);
      assert.equal((await approveWindows(browser)).length, 1);
      await reads(window, /first@example\.com/);
      await press(window, /^save passkey$/);
      assert.equal((await first).ok, true, JSON.stringify(await first));
      await noApproveWindow(browser);
      await page.close();
    });

    await t.test("a site that asks again and again gets no more windows", async () => {
      const page = await visitAs("nagging");
      let shown = 0;
      for (;;) {
        let refusal;
        const call = attempt(page, "register", { user: "nag@example.com" });
        call.then(result => {
          refusal = result;
        });
        const window = await until(
          async () => (refusal ? "none" : (await approveWindows(browser))[0]),
          "a window or a refusal",
        );
        if (window === "none") break;
        shown++;
        assert.ok(shown < 12, "it still gets windows");
        await window.close();
        refused(await call);
        await noApproveWindow(browser);
      }
      assert.ok(shown >= 3, `after ${shown} windows`);
      await page.close();
    });
  });
