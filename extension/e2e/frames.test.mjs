// Frames: who may ask from inside another page, and what the relying party is told about it. go-webauthn judges
// crossOrigin and topOrigin. localhost on two ports is two origins with one RP ID.
import assert from "node:assert/strict";
import { test } from "node:test";
import { approveWindow, approveWindows, noApproveWindow } from "./lib/approve-window.mjs";
import { after, until } from "./lib/browsers.mjs";
import { press, reads } from "./lib/person.mjs";
import { attempt, KINDS, open, RELYING_PARTIES, visit } from "./lib/signed-in.mjs";

const DELEGATED = "publickey-credentials-get; publickey-credentials-create";

/** Puts a frame into the page and returns it once the relying party's script runs in it. */
async function embed(page, attributes, script) {
  const id = await page.evaluate(
    ([attributes, script]) => {
      for (const old of document.querySelectorAll("iframe")) old.remove();
      const frame = document.createElement("iframe");
      frame.name = `f${Math.random()}`;
      frame.height = 300;
      for (const [name, value] of Object.entries(attributes)) frame.setAttribute(name, value);
      document.body.prepend(frame);
      if (script) {
        const d = frame.contentDocument;
        d.head.append(Object.assign(d.createElement("script"), { src: script }));
      }
      return frame.name;
    },
    [attributes, script],
  );
  return until(
    async () => {
      for (const frame of page.frames()) {
        const there = frame.evaluate(() => (typeof rp === "object" ? name : "")).catch(() => "");
        if ((await there) === id) return frame;
      }
      return undefined;
    },
    `a frame with ${JSON.stringify(attributes)}`,
  );
}

/** A call that must fall to the browser, which has nobody to ask here: how it ends, or that it waits for somebody. */
const browsersOwn = (frame, what, o) =>
  frame.evaluate(
    ([what, o]) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort("waited for the browser"), 1500);
      return rp.attempt(what, o, { signal: controller.signal });
    },
    [what, o],
  );

for (const kind of KINDS)
  test(kind, async t => {
    const mine = await RELYING_PARTIES["go-webauthn"]();
    after(t, mine.close);
    const other = await RELYING_PARTIES["go-webauthn"]();
    after(t, other.close);
    const browser = await open(t, kind);
    const user = "ada@example.com";
    for (const site of [mine, other]) {
      const page = await visit(browser, site.origin);
      assert.equal((await attempt(page, "register", { user })).ok, true);
      await page.close();
    }
    const page = await visit(browser, mine.origin);
    const ok = result => assert.equal(result.ok, true, JSON.stringify(result));
    const stranger = { src: `${other.origin}/` };

    await t.test("a delegated frame of another origin signs in, with the top page's origin", async () => {
      const frame = await embed(page, { ...stranger, allow: DELEGATED });
      ok(await attempt(frame, "login", { user, topOrigin: mine.origin }));
      const wrong = await attempt(frame, "login", { user, topOrigin: "http://localhost:1" });
      assert.match(wrong.error, /origin/i, "go-webauthn looks at topOrigin");
      const silent = await attempt(frame, "login", { user });
      assert.match(silent.error, /origin/i, "and refuses a frame that it was not told of");
    });

    await t.test("a frame that nobody delegated to is the browser's to refuse", async () => {
      const frame = await embed(page, stranger);
      for (const what of ["login", "register"]) {
        const refused = await browsersOwn(frame, what, { user, topOrigin: mine.origin });
        assert.equal(refused.thrown?.name, "NotAllowedError", `${what}: ${JSON.stringify(refused)}`);
      }
    });

    await t.test("create in a delegated frame, by a person's click", async () => {
      const frame = await embed(page, { ...stranger, allow: DELEGATED });
      await frame.evaluate(() => {
        document.getElementById("user").value = "framed@example.com";
        document.getElementById("register").addEventListener(
          "click",
          event => {
            event.stopImmediatePropagation();
            const topOrigin = document.referrer.replace(/\/$/, "");
            globalThis.made = rp.attempt("register", { user: "framed@example.com", topOrigin });
          },
          { capture: true, once: true },
        );
      });
      const inside = await frame.evaluate(() => {
        const button = document.getElementById("register");
        button.scrollIntoView();
        const box = button.getBoundingClientRect();
        return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
      });
      const at = await page.evaluate(() => {
        const { x, y } = document.querySelector("iframe").getBoundingClientRect();
        return { x, y };
      });
      await page.mouse.click(at.x + inside.x, at.y + inside.y);
      const made = await until(() => frame.evaluate(() => globalThis.made), "the click's call");
      ok(made);
    });

    await t.test("frames of the page's own origin are the page", async () => {
      ok(await attempt(await embed(page, { src: "/" }), "login", { user }));
      const facts = { user, origin: mine.origin, rpId: "localhost" };
      ok(await attempt(await embed(page, { srcdoc: '<script src="/site.js"></script>' }), "login", facts));
      ok(await attempt(await embed(page, {}, "/site.js"), "login", facts)); // about:blank
    });

    await t.test("a sandboxed frame has no origin, and is the browser's", async () => {
      const scripts = { sandbox: "allow-scripts", src: "/", allow: "publickey-credentials-get *" };
      const frame = await embed(page, scripts);
      // It can't reach its own server either: the options are its own.
      const seen = await frame.evaluate(async () => {
        const controller = new AbortController();
        setTimeout(() => controller.abort("waited for the browser"), 1500);
        const publicKey = { challenge: new Uint8Array(16), rpId: "localhost" };
        return [
          origin,
          await navigator.credentials.get({ publicKey, signal: controller.signal }).then(
            () => "signed",
            error => error?.name ?? error,
          ),
        ];
      });
      assert.equal(seen[0], "null");
      assert.match(seen[1], /^(NotAllowedError|SecurityError)$/);
    });

    await t.test("a page whose own header forbids it is the browser's to refuse", async () => {
      const forbidden = await visit(browser, `${mine.origin}/?permissions-policy=publickey-credentials-get=()`);
      const seen = await browsersOwn(forbidden, "login", { user });
      // Firefox does not enforce the header, neither for its own implementation nor for us.
      if (kind === "chromium") assert.equal(seen.thrown?.name, "NotAllowedError", JSON.stringify(seen));
      else ok(seen);
      await forbidden.close();
    });

    await t.test("the approve window names the site in the address bar", async () => {
      await browser.bed.consent("ask");
      const top = await visit(browser, mine.origin.replace("localhost", "harbour.localhost"));
      const frame = await embed(top, { ...stranger, allow: DELEGATED });
      const call = attempt(frame, "login", { user, topOrigin: new URL(top.url()).origin });
      const window = await approveWindow(browser);
      await reads(window, /asked from inside another site/i);
      await reads(window, /the page in the address bar is harbour\.localhost/i);
      await press(window, /^sign in$/);
      ok(await call);
      await noApproveWindow(browser);
      await top.close();
    });

    assert.equal((await approveWindows(browser)).length, 0);
  });
