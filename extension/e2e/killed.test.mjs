// Killed at every step: bridge, agent, worker, extension. The site sees an error, or a credential that works afterwards;
// never a registered passkey that was not stored.
import assert from "node:assert/strict";
import { test } from "node:test";
import { approveWindow, approveWindows, noApproveWindow } from "./lib/approve-window.mjs";
import { after, until } from "./lib/browsers.mjs";
import { key, type } from "./lib/person.mjs";
import { attempt, KINDS, open, RELYING_PARTIES, visit } from "./lib/signed-in.mjs";

const pause = ms => new Promise(resolve => setTimeout(resolve, ms));
const kill = pids => {
  for (const pid of pids) process.kill(pid, "SIGKILL");
};

/** A registration that something is killed under, and what holds afterwards. */
function rig(browser, page) {
  const { bed } = browser;
  let count = 0;

  /** Begins a registration. `ends` gives its outcome, with a person at hand who unlocks and says yes where asked. */
  const begin = () => {
    const user = `person${count++}@example.com`;
    let outcome;
    const call = page.evaluate(user => {
      globalThis.controller = new AbortController();
      return rp.attempt("register", { user }, { signal: controller.signal });
    }, user);
    call.then(
      result => {
        outcome = result;
      },
      error => {
        outcome = { thrown: { name: `driver: ${error.message}` } };
      },
    );
    const ends = async () => {
      const end = Date.now() + 30_000;
      let givenUp = false;
      while (!outcome) {
        const [window] = await approveWindows(browser);
        if (window) await help(window, bed);
        await pause(100);
        // Handed to the browser, which has no authenticator here: the person would close its dialog.
        if (!givenUp && !window && Date.now() > end - 26_000) {
          givenUp = true;
          await page.evaluate(() => controller.abort());
        }
        assert.ok(Date.now() < end, "the call was left alone");
      }
      return outcome;
    };
    return { user, ends };
  };

  /** Whatever the site holds must be in the vault, and the road must be whole again. */
  const holds = async ({ user }, outcome) => {
    await bed.consent("allow");
    await bed.unlock(); // says "ask" again
    await bed.consent("allow");
    await noApproveWindow(browser);
    const ids = await page.evaluate(
      async user => (await (await fetch(`/api/credentials?user=${encodeURIComponent(user)}`)).json()).ids,
      user,
    );
    assert.equal(ids.length, outcome.ok ? 1 : 0, JSON.stringify(outcome));
    for (const id of ids) {
      const seen = await attempt(page, "login", { user, allow: [id] });
      assert.equal(seen.ok, true, `registered, but not stored: ${JSON.stringify(seen)}`);
    }
    const next = await attempt(page, "register", { user: `after-${user}` });
    assert.equal(next.ok, true, `the next registration: ${JSON.stringify(next)}`);
    await bed.consent("ask");
  };
  return { begin, holds };
}

/** What a person does with whatever window is there: type the passphrase where it is wanted, and say yes. */
async function help(window, bed) {
  const now = await window
    .evaluate(() => {
      const yes = document.querySelector("[data-act=yes]");
      const field = document.querySelector("input[type=password]");
      const ready = yes && yes.getAttribute("aria-disabled") !== "true";
      return {
        ready,
        typed: field ? field.value : undefined,
        over: Boolean(document.querySelector("[data-act=close]")),
      };
    })
    .catch(() => ({}));
  if (now.over) await window.close().catch(() => {});
  if (!now.ready) return;
  if (now.typed === "") await type(window, /passphrase/, bed.passphrase, 5000).catch(() => {});
  await key(window, "Enter").catch(() => {});
}

/** How to kill the background of each kind: its worker stops; its event page loads anew, without a past. */
async function backgroundStopper(browser) {
  if (browser.kind === "chromium") {
    const devtools = await browser.context.newCDPSession(await browser.newPage());
    await devtools.send("ServiceWorker.enable");
    return () => devtools.send("ServiceWorker.stopAllWorkers");
  }
  return window =>
    window.evaluate(async () => (await chrome.runtime.getBackgroundPage()).location.reload()).catch(() => {});
}

for (const kind of KINDS)
  test(kind, async t => {
    const site = await RELYING_PARTIES["go-webauthn"]();
    after(t, site.close);
    const browser = await open(t, kind, { consent: "ask" });
    const { bed } = browser;
    const page = await visit(browser, site.origin);
    const { begin, holds } = rig(browser, page);

    await t.test("the bridge, while the window is open", async () => {
      const call = begin();
      await approveWindow(browser, { armed: false });
      kill((await bed.processes()).bridges);
      await holds(call, await call.ends());
    });

    await t.test("the agent, before consent", async () => {
      const call = begin();
      await approveWindow(browser, { armed: false });
      kill((await bed.processes()).agents);
      await holds(call, await call.ends());
    });

    await t.test("the agent, between consent and answer", async () => {
      const outcomes = [];
      for (const ms of [0, 5, 20]) {
        const call = begin();
        const window = await approveWindow(browser);
        const { agents } = await bed.processes();
        await window.keyboard.down("Enter");
        await pause(30);
        window.keyboard.up("Enter").catch(() => {});
        await pause(ms);
        kill(agents);
        const outcome = await call.ends();
        outcomes.push(outcome.ok ? "registered" : outcome.thrown?.name);
        await holds(call, outcome);
      }
      t.diagnostic(outcomes.join(", "));
    });

    await t.test("the agent, as soon as the site has the answer", async () => {
      const call = begin();
      const outcome = await call.ends();
      kill((await bed.processes()).agents);
      assert.equal(outcome.ok, true, JSON.stringify(outcome));
      await holds(call, outcome);
    });

    await t.test("everything at once", async () => {
      const call = begin();
      await approveWindow(browser);
      const { agents, bridges } = await bed.processes();
      kill([...agents, ...bridges]);
      await holds(call, await call.ends());
    });

    await t.test("the worker or event page, before consent and after it", async () => {
      const stop = await backgroundStopper(browser);
      await page.bringToFront();
      const before = begin();
      const { bridges } = await bed.processes();
      await stop(await approveWindow(browser, { armed: false }));
      const outcome = await before.ends();
      assert.notDeepEqual((await bed.processes()).bridges, bridges, "it did die: the next one has a bridge of its own");
      assert.equal(outcome.ok, true, `a worker is nothing: ${JSON.stringify(outcome)}`);
      await holds(before, outcome);

      for (const ms of [0, 5, 15]) {
        const call = begin();
        const window = await approveWindow(browser);
        await window.keyboard.down("Enter");
        await pause(30);
        window.keyboard.up("Enter").catch(() => {});
        await pause(ms);
        await stop(window);
        await holds(call, await call.ends());
      }
    });

    await t.test("the extension is reloaded while the window is open", async () => {
      const call = begin();
      const window = await approveWindow(browser, { armed: false });
      await window.evaluate(() => void setTimeout(() => chrome.runtime.reload(), 50));
      const outcome = await call.ends();
      assert.ok(outcome.thrown, "nobody said yes");
      await noApproveWindow(browser);
      // Chromium does not bring an extension back that its command line loaded.
      if (kind === "chromium") return;
      await until(async () => {
        await page.reload();
        return page.evaluate(() => PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable());
      }, "the extension to be back");
      await page.bringToFront();
      await holds(call, outcome);
    });
  });
