// Click- and keyjacking of the approve window in both browsers, with the real extension and host: a page chooses the
// moment at which the window opens under a hand that is already clicking and typing. (approve-guard.test.mjs has every
// case of the rule with a clock of its own.)
import assert from "node:assert/strict";
import { test } from "node:test";
import { approveWindow, approveWindows, middle, noApproveWindow } from "./lib/approve-window.mjs";
import { after } from "./lib/browsers.mjs";
import { key } from "./lib/person.mjs";
import { attempt, KINDS, open, RELYING_PARTIES, visit } from "./lib/signed-in.mjs";

const pause = ms => new Promise(resolve => setTimeout(resolve, ms));

for (const kind of KINDS)
  test(kind, async t => {
    const site = await RELYING_PARTIES["go-webauthn"]();
    after(t, site.close);
    const browser = await open(t, kind, { consent: "ask" });
    const page = await visit(browser, site.origin);
    const call = attempt(page, "register", { user: "ada@example.com" });
    let answered = false;
    call.then(() => {
      answered = true;
    });
    const stillAsks = async what => {
      await pause(150);
      assert.equal(answered, false, what);
      assert.equal((await approveWindows(browser)).length, 1, what);
    };
    let window;

    await t.test("a hand that clicks and types on gets nothing done, and keeps the window waiting", async () => {
      window = await approveWindow(browser, { armed: false });
      const yes = await middle(window, "yes");
      const begun = Date.now();
      while (Date.now() - begun < 1500) {
        await window.keyboard.press("Enter");
        await window.mouse.click(yes.x, yes.y);
        await window.keyboard.press("Escape");
      }
      await stillAsks("clicks and keys from the start");
    });

    await t.test("a press that began before it was armed", async () => {
      const yes = await middle(window, "yes");
      await window.mouse.move(yes.x, yes.y);
      await window.mouse.down();
      await approveWindow(browser);
      await window.mouse.up();
      await stillAsks("released after the wait");
    });

    await t.test("pressed outside and released inside, and the other way round", async () => {
      await approveWindow(browser);
      const yes = await middle(window, "yes");
      await window.mouse.move(8, 8);
      await window.mouse.down();
      await window.mouse.move(yes.x, yes.y);
      await window.mouse.up();
      await window.mouse.down();
      await window.mouse.move(8, 8);
      await window.mouse.up();
      await stillAsks("half a press");
    });

    await t.test("events that no person made", async () => {
      await approveWindow(browser);
      await window.evaluate(() => {
        for (const act of ["yes", "cancel", "other"]) {
          const control = document.querySelector(`[data-act=${act}]`);
          const { x, y } = control.getBoundingClientRect();
          const at = { bubbles: true, isPrimary: true, pointerId: 1, clientX: x + 9, clientY: y + 9 };
          for (const type of ["pointerdown", "pointerup"]) control.dispatchEvent(new PointerEvent(type, at));
          for (const type of ["keydown", "keyup"])
            for (const key of ["Enter", "Escape", " "])
              control.dispatchEvent(new KeyboardEvent(type, { key, bubbles: true }));
          control.click();
        }
      });
      await stillAsks("scripted events");
    });

    // Headless Chromium leaves the focus where it is; approve-guard.test.mjs takes it away there.
    await t.test("after it lost the focus it waits anew", { skip: kind === "chromium" }, async () => {
      await approveWindow(browser);
      await page.bringToFront();
      const disarmed = await window.evaluate(
        () => document.querySelector("[data-act=yes]").getAttribute("aria-disabled") === "true",
      );
      assert.equal(disarmed, true, "not while another window has the focus");
      await window.bringToFront();
      const yes = await middle(window, "yes");
      await window.mouse.click(yes.x, yes.y);
      await stillAsks("a click at the moment it comes back");
    });

    await t.test("and a person's press still counts", async () => {
      await approveWindow(browser);
      await key(window, "Enter");
      assert.equal((await call).ok, true, JSON.stringify(await call));
      await noApproveWindow(browser);
    });
  });
