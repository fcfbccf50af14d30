// Which passkeys a call is about: allow lists that name none of ours, RP IDs that are not the site's, several accounts,
// and exclude lists.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { approveWindow, approveWindows, nativeAuthenticator, noApproveWindow } from "./lib/approve-window.mjs";
import { after } from "./lib/browsers.mjs";
import { key, press, reads, text } from "./lib/person.mjs";
import { attempt, KINDS, open, RELYING_PARTIES, visit } from "./lib/signed-in.mjs";

const STRANGE = Buffer.alloc(32, 7).toString("base64url");
const PEOPLE = ["ada@example.com", "grace@example.com", "lin@example.com"];

for (const kind of KINDS)
  test(kind, async t => {
    const site = await RELYING_PARTIES["go-webauthn"]();
    after(t, site.close);
    const browser = await open(t, kind, { consent: "allow" });
    const page = await visit(browser, site.origin);
    for (const user of PEOPLE) assert.equal((await attempt(page, "register", { user })).ok, true);
    await browser.bed.consent("ask");

    await t.test("an allow list that names none of ours goes to the browser untouched", async () => {
      // With consent to be asked, a call of ours would wait in a window: the browser's waits for its own authenticator.
      const seen = await page.evaluate(id => {
        const controller = new AbortController();
        setTimeout(() => controller.abort("waited for the browser"), 1500);
        const o = { user: "ada@example.com", allow: [id] };
        return rp.attempt("login", o, { signal: controller.signal });
      }, STRANGE);
      assert.match(seen.thrown.name, /^(waited for the browser|NotAllowedError)$/);
      assert.equal((await approveWindows(browser)).length, 0);
      if (kind === "firefox") return; // headless, it has no authenticator that could answer

      const native = await visit(browser, site.origin);
      const authenticator = await nativeAuthenticator(browser, native);
      const credentialId = Buffer.alloc(32, 8);
      const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      await authenticator.add({
        credentialId: credentialId.toString("base64"),
        isResidentCredential: false,
        rpId: "localhost",
        privateKey: privateKey.export({ format: "der", type: "pkcs8" }).toString("base64"),
        signCount: 1,
      });
      const id = credentialId.toString("base64url");
      const signed = await native.evaluate(async id => {
        const json = { challenge: "AAAAAAAAAAAAAAAAAAAAAA", allowCredentials: [{ type: "public-key", id }] };
        const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(json);
        return (await navigator.credentials.get({ publicKey })).id;
      }, id);
      assert.equal(signed, id, "the browser's own authenticator answered");
      await native.close();
    });

    await t.test("an RP ID that is not the site's gets the browser's own error", async () => {
      for (const rpId of ["example.com", "com", "evil-localhost", "sub.localhost"]) {
        for (const what of ["register", "login"]) {
          const seen = await page.evaluate(
            ([what, rpId]) => {
              const change = o => (what === "login" ? Object.assign(o, { rpId }) : Object.assign(o.rp, { id: rpId }));
              return rp.attempt(what, { user: "ada@example.com" }, { change });
            },
            [what, rpId],
          );
          assert.equal(seen.thrown?.name, "SecurityError", `${what} for ${rpId}: ${JSON.stringify(seen)}`);
          assert.equal(seen.thrown.isDOMException, true);
        }
      }
      assert.equal((await approveWindows(browser)).length, 0);
    });

    await t.test("of several accounts the person picks one, by pointer or by keys", async () => {
      for (const user of PEOPLE) {
        const call = attempt(page, "login", {});
        const window = await approveWindow(browser);
        for (const name of PEOPLE) await reads(window, new RegExp(name.replace(".", "\\.")));
        const at = await window.evaluate(name => {
          const label = [...document.querySelectorAll("label.account")].find(l => l.textContent.includes(name));
          const box = label.getBoundingClientRect();
          return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
        }, user);
        await window.mouse.click(at.x, at.y);
        await press(window, /^sign in$/);
        const seen = await call;
        assert.deepEqual([seen.ok, seen.user], [true, user], JSON.stringify(seen));
        await noApproveWindow(browser);
      }
      const call = attempt(page, "login", {});
      const window = await approveWindow(browser);
      const order = await window.evaluate(() =>
        [...document.querySelectorAll("label.account .account-name")].map(e => e.textContent),
      );
      assert.equal(order[0], PEOPLE.at(-1), "the one used last comes first");
      await window.keyboard.press("ArrowDown");
      await key(window, "Enter");
      assert.equal((await call).user, order[1]);
      await noApproveWindow(browser);
    });

    await t.test("an account that is excluded: the person is asked, then it is InvalidStateError", async () => {
      const again = () => attempt(page, "register", { user: "ada@example.com", exclude: true });
      const told = again();
      const window = await approveWindow(browser);
      await reads(window, /you already have a passkey for/);
      assert.match(await text(window), /No second one is made/);
      await press(window, /^tell the site$/);
      assert.deepEqual([(await told).thrown?.name, (await told).thrown?.isDOMException], ["InvalidStateError", true]);
      await noApproveWindow(browser);

      const kept = again();
      await press(await approveWindow(browser), /^cancel/);
      assert.equal((await kept).thrown?.name, "NotAllowedError", "a no tells the site nothing");
      await noApproveWindow(browser);
    });
  });
