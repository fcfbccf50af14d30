// Names that a site chose in order to deceive: line breaks, bidirectional overrides, pinentry's commands, markup. The
// approve window shows them as one line of harmless text, and they stand in it nowhere but where names stand.
import assert from "node:assert/strict";
import { test } from "node:test";
import { approveWindow, noApproveWindow } from "./lib/approve-window.mjs";
import { after } from "./lib/browsers.mjs";
import { press } from "./lib/person.mjs";
import { attempt, KINDS, open, RELYING_PARTIES, visit } from "./lib/signed-in.mjs";

const NAMES = {
  "line breaks": "ada\n\nSign in to\nbank.example\r\u2028now",
  "bidirectional overrides": "ada\u202Emoc.knab\u202C \u2066isolated\u2069 \u200Fmark",
  "pinentry commands": "ada\nOK\nSETDESC%0AEnter your passphrase\nGETPIN\nD secret\n%0A%00",
  markup: '<img src=x onerror="document.title=1">&amp;<b>ada</b>',
  "a very long name": `ada${"0".repeat(5000)}`,
  "invisible characters": "a\u200Bd\u2060a\uFEFF\u00AD\u{E0041}",
  "half a character": "ada\uD83D",
};
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are the ones that must not get through
const HARMFUL = /[\u0000-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/;

for (const kind of KINDS)
  test(kind, async t => {
    const site = await RELYING_PARTIES["go-webauthn"]();
    after(t, site.close);
    const browser = await open(t, kind, { consent: "ask" });
    const page = await visit(browser, site.origin);

    for (const [what, name] of Object.entries(NAMES))
      await t.test(what, async () => {
        // The relying party's library has opinions about names: they are put in just before the call.
        const call = page.evaluate(
          ([name, user]) =>
            rp.attempt(
              "register",
              { user },
              {
                change(o) {
                  name = JSON.parse(name);
                  o.user.name = name;
                  o.user.displayName = `${name} too`;
                  o.rp.name = `${name} of a site`;
                },
              },
            ),
          [JSON.stringify(name), `${what.replaceAll(" ", "-")}@example.com`],
        );
        const window = await approveWindow(browser);
        const shown = await window.evaluate(() => ({
          site: document.querySelector(".asks-site").textContent,
          names: [...document.querySelectorAll(".foreign")].map(e => e.textContent),
          isolated: [...document.querySelectorAll(".foreign")].every(e =>
            /isolate|plaintext/.test(getComputedStyle(e).unicodeBidi),
          ),
          images: document.images.length,
          title: document.title,
        }));
        assert.equal(shown.site, "localhost");
        assert.match(shown.title, /localhost$/);
        assert.ok(shown.names.length >= 2, JSON.stringify(shown));
        for (const text of shown.names) {
          assert.doesNotMatch(text, HARMFUL, JSON.stringify(text));
          assert.ok(text.length <= 70, `${text.length} characters`);
        }
        assert.ok(shown.isolated, "a name's direction ends with it");
        assert.equal(shown.images, 0);
        await press(window, /^save passkey$/);
        assert.equal((await call).ok, true, JSON.stringify(await call));
        await noApproveWindow(browser);
      });

    await t.test("and again in the list of accounts", async () => {
      const call = attempt(page, "login", {});
      const window = await approveWindow(browser);
      const names = await window.evaluate(() =>
        [...document.querySelectorAll(".account .foreign")].map(e => e.textContent),
      );
      assert.ok(names.length >= Object.keys(NAMES).length);
      for (const text of names) assert.doesNotMatch(text, HARMFUL, JSON.stringify(text));
      await press(window, /^sign in$/);
      assert.equal((await call).ok, true, JSON.stringify(await call));
      await noApproveWindow(browser);
    });
  });
