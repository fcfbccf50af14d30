// The approve window as a person meets it. Whatever decides goes through the presses of person.mjs; this only finds the
// window and waits until it takes input.
import { ask, until } from "./browsers.mjs";

const ADDRESS = /\/ui\/approve\/index\.html/;

/** All approve windows that are open. */
export async function approveWindows(browser) {
  const found = [];
  for (const page of await browser.pages())
    if (ADDRESS.test((await ask(page, () => location.href)) ?? "")) found.push(page);
  return found;
}

/** The approve window, as soon as it is up, and armed unless `armed` is false. */
export async function approveWindow(browser, { armed = true, ms } = {}) {
  const window = await browser.window(ADDRESS, ms);
  await until(
    () =>
      ask(
        window,
        armed => {
          const yes = document.querySelector("[data-act=yes]");
          return yes && !(armed && yes.getAttribute("aria-disabled") === "true");
        },
        armed,
      ),
    armed ? "the approve window to take input" : "the approve window to show what is asked",
    ms,
  );
  return window;
}

/** Waits until no approve window is open. */
export const noApproveWindow = browser =>
  until(async () => (await approveWindows(browser)).length === 0, "the approve window to close");

/** Where a control of the window lies: the middle of it. */
export const middle = (window, act) =>
  window.evaluate(act => {
    const box = document.querySelector(`[data-act=${act}]`).getBoundingClientRect();
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  }, act);

/**
 * Gives Chromium an authenticator of its own on `page` that says yes by itself: a call that falls to the browser works.
 * With `touched` false it waits for a finger that never comes.
 */
export async function nativeAuthenticator(browser, page, { touched = true } = {}) {
  const devtools = await browser.context.newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: touched,
    },
  });
  return {
    add: credential => devtools.send("WebAuthn.addCredential", { authenticatorId, credential }),
    credentials: async () => (await devtools.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
  };
}
