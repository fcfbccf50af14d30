// "Use another device instead": the call goes to the browser itself, once the page has the focus again, with its signal.
import assert from "node:assert/strict";
import { test } from "node:test";
import { approveWindow, nativeAuthenticator, noApproveWindow } from "./lib/approve-window.mjs";
import { after } from "./lib/browsers.mjs";
import { press } from "./lib/person.mjs";
import { attempt, KINDS, open, RELYING_PARTIES, visit } from "./lib/signed-in.mjs";

for (const kind of KINDS)
  test(kind, async t => {
    const site = await RELYING_PARTIES["go-webauthn"]();
    after(t, site.close);
    const browser = await open(t, kind, { consent: "ask" });
    const page = await visit(browser, site.origin);
    const other = async () => {
      await press(await approveWindow(browser), /^use another device instead$/);
      await noApproveWindow(browser);
    };

    await t.test("the page's signal still ends the call", async () => {
      const call = page.evaluate(() => {
        globalThis.controller = new AbortController();
        return rp.attempt("register", { user: "ada@example.com" }, { signal: controller.signal });
      });
      await other();
      // Nobody answers there: neither browser has an authenticator yet.
      const waits = await Promise.race([call, new Promise(resolve => setTimeout(() => resolve("waits"), 1000))]);
      assert.equal(waits, "waits", JSON.stringify(waits));
      await page.evaluate(() => controller.abort(new DOMException("enough", "AbortError")));
      assert.deepEqual(
        [(await call).thrown.name, (await call).thrown.message, (await call).thrown.isDOMException],
        ["AbortError", "enough", true],
      );
    });

    if (kind !== "chromium") return; // Firefox has no virtual authenticator over BiDi
    await t.test("another authenticator registers and signs in, and the vault holds nothing of it", async () => {
      const authenticator = await nativeAuthenticator(browser, page);
      const call = attempt(page, "register", { user: "key@example.com", residentKey: "discouraged" });
      await other();
      const made = await call;
      assert.equal(made.ok, true, JSON.stringify(made));
      const [held] = await authenticator.credentials();
      assert.equal(Buffer.from(held.credentialId, "base64").toString("base64url"), made.id);
      await browser.bed.consent("allow"); // a list is for the person alone
      assert.doesNotMatch(await browser.bed.run("list", "--json"), /key@example\.com/);
      await browser.bed.consent("ask");

      // By allow list: none of ours, so that no window comes up at all.
      const seen = await attempt(page, "login", { user: "key@example.com" });
      assert.equal(seen.ok, true, JSON.stringify(seen));
    });
  });
