// A locked vault, and sites that want to know that it is the person. Headless browsers have no place for a dialog: the
// passphrase is typed into the approve window.
import assert from "node:assert/strict";
import { test } from "node:test";
import { approveWindow, approveWindows, noApproveWindow } from "./lib/approve-window.mjs";
import { after } from "./lib/browsers.mjs";
import { key, press, reads, type } from "./lib/person.mjs";
import { attempt, KINDS, open, RELYING_PARTIES, visit } from "./lib/signed-in.mjs";

for (const kind of KINDS)
  test(kind, async t => {
    const site = await RELYING_PARTIES["go-webauthn"]();
    after(t, site.close);
    const browser = await open(t, kind, { consent: "ask" });
    const { bed } = browser;
    const page = await visit(browser, site.origin);
    const user = "ada@example.com";
    const ok = result => {
      assert.equal(result.ok, true, JSON.stringify(result));
      return result;
    };

    await t.test("preferred asks for nothing more and says so, required takes the passphrase", async () => {
      const first = attempt(page, "register", { user, userVerification: "preferred" });
      await press(await approveWindow(browser), /^save passkey$/);
      assert.equal(ok(await first).uv, false, "nobody was verified");
      await noApproveWindow(browser);

      const second = attempt(page, "login", { user, userVerification: "required" });
      const window = await approveWindow(browser);
      await type(window, /passphrase/, "not the passphrase");
      await press(window, /^sign in$/);
      await reads(window, /not right|wrong/);
      await type(window, /passphrase/, bed.passphrase);
      await press(window, /^sign in$/);
      assert.equal(ok(await second).uv, true);
      await noApproveWindow(browser);

      // For a while that counts, as UV says in the next ceremony.
      const third = attempt(page, "login", { user, userVerification: "preferred" });
      await press(await approveWindow(browser), /^sign in$/);
      assert.equal(ok(await third).uv, true);
      await noApproveWindow(browser);
    });

    await t.test("a locked vault is opened in the window, then it shows what is asked", async () => {
      await bed.run("lock");
      const call = attempt(page, "login", { user, userVerification: "required" });
      const window = await approveWindow(browser);
      await reads(window, /unlock keyferry to sign in to\s+localhost/);
      assert.doesNotMatch(await window.evaluate(() => document.body.innerText), /ada@example\.com/, "no names before");
      await type(window, /passphrase/, bed.passphrase);
      await key(window, "Enter");
      await reads(window, /ada@example\.com/);
      await press(window, /^sign in$/);
      assert.equal(ok(await call).uv, true, "opening the vault counts");
      await noApproveWindow(browser);
    });

    await t.test("a locked vault tells a site nothing about what is in it", async () => {
      await bed.run("lock");
      const strange = Buffer.alloc(32, 7).toString("base64url");
      const call = page.evaluate(
        ([user, allow]) => {
          globalThis.controller = new AbortController();
          return rp.attempt("login", { user, allow }, { signal: controller.signal });
        },
        [user, [strange]],
      );
      const window = await approveWindow(browser); // as for one that is there
      await type(window, /passphrase/, bed.passphrase);
      await press(window, /^unlock$/);
      await noApproveWindow(browser); // nothing of ours: the browser has it
      await page.evaluate(() => controller.abort());
      assert.match((await call).thrown.name, /^(AbortError|NotAllowedError)$/);
      assert.equal((await approveWindows(browser)).length, 0);
    });
  });
