// A person without a pointer. Everything is done by keys; what has the focus is only looked at, and after each key it
// has to be somewhere, and to be seen there.
import assert from "node:assert/strict";
import { until } from "./browsers.mjs";
import { key } from "./person.mjs";

/** What has the focus: what it is called, and whether one sees that it has it. */
export const focused = page =>
  page.evaluate(() => {
    const at = document.activeElement;
    if (!at || at === document.body || at === document.documentElement) return { tag: "nothing", name: "" };
    const labels = [...(at.labels ?? [])].map(label => label.innerText).join(" ");
    const { outlineStyle, outlineWidth } = getComputedStyle(at);
    const box = at.getBoundingClientRect();
    return {
      tag: at.localName,
      name: (at.getAttribute("aria-label") ?? (labels || at.innerText || "")).trim(),
      ring: at.matches(":focus-visible") && outlineStyle !== "none" && Number.parseFloat(outlineWidth) > 0,
      inSight: box.bottom > 0 && box.top < innerHeight,
    };
  });

/** Waits until the focus has come, by itself, to what is called `name`. */
export async function lands(page, name) {
  let now;
  const there = async () => {
    now = await focused(page);
    return name.test(now.name) && now.ring && now.inSight;
  };
  await until(there, `the focus to land on “${name.source}”`).catch(error => {
    throw new Error(`${error.message}; it is at ${JSON.stringify(now)}`);
  });
}

/** The most controls that lie between two that are wanted one after the other. */
const FAR = 80;

/** Goes to the control called `name`, by Tab or by Shift+Tab. */
export async function goTo(page, name, { back = false } = {}) {
  const passed = [];
  for (let n = 0; n < FAR; n++) {
    if (back) await page.keyboard.down("Shift");
    await key(page, "Tab");
    if (back) await page.keyboard.up("Shift");
    const now = await focused(page);
    assert.ok(now.ring, `no ring around ${JSON.stringify(now)}, after ${passed.join(" | ")}`);
    assert.ok(now.inSight, `out of sight: ${JSON.stringify(now)}`);
    if (name.test(now.name)) return;
    passed.push(now.name);
  }
  throw new Error(`no way by Tab to “${name.source}”: ${passed.join(" | ")}`);
}

/** Goes to a button and presses it. */
export async function pressKey(page, name, options) {
  await goTo(page, name, options);
  await key(page, options?.by ?? "Enter");
}

/**
 * Chooses a file in the field that has the focus: a key opens the browser's dialog, which the driver answers. Firefox's
 * driver does not hear of the dialog: there it has to do that the key asks for one.
 */
export async function chooseFile(page, file) {
  if (page.setInputFiles) {
    const opens = page.waitForEvent("filechooser");
    await page.evaluate(() => {}); // the browser knows by now that the driver wants the dialog
    const [dialog] = await Promise.all([opens, key(page, "Enter")]);
    return dialog.setFiles(file);
  }
  const field = await page.evaluateHandle(() => document.activeElement);
  await field.evaluate(at => {
    at.addEventListener(
      "click",
      event => {
        event.preventDefault(); // or a dialog would stay open
        at.dataset.asked = event.isTrusted ? "yes" : "by a script";
      },
      { once: true },
    );
  });
  await key(page, "Enter");
  await until(() => field.evaluate(at => at.dataset.asked === "yes"), "the key to ask for a file");
  return field.uploadFile(file);
}

/** Listens as a screen reader does: to live regions that were there before they said something, and to alerts. */
export async function listen(page) {
  await page.evaluate(() => {
    globalThis.heard = [];
    const LIVE = "[role=status], [role=alert], [aria-live]";
    const there = new WeakSet(document.querySelectorAll(LIVE));
    const say = region => {
      const text = region.innerText.trim();
      if (text && globalThis.heard.at(-1) !== text) globalThis.heard.push(text);
    };
    new MutationObserver(changes => {
      for (const { target } of changes) {
        const at = target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement;
        const region = at?.closest(LIVE);
        if (region && there.has(region)) say(region);
      }
      for (const region of document.querySelectorAll(LIVE)) {
        if (there.has(region)) continue;
        there.add(region);
        if (region.role === "alert") say(region);
      }
    }).observe(document, { subtree: true, childList: true, characterData: true });
  });
  return {
    /** Waits until it was said. */
    hears: async says => {
      let all = [];
      const said = async () => {
        all = await page.evaluate(() => globalThis.heard);
        return all.some(text => says.test(text));
      };
      await until(said, `“${says.source}” to be said`).catch(error => {
        throw new Error(`${error.message}; said was ${all.join(" | ")}`);
      });
    },
  };
}
