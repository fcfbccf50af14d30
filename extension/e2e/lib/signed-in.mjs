// A browser of either kind with the test extension, a throwaway vault and a page of a relying party: the ground that
// most end-to-end tests stand on.
import { mkdir } from "node:fs/promises";
import { after, ask, openChromium, openFirefox, temporaryFolder, until } from "./browsers.mjs";
import { IDS, ROOT, testbed } from "./host.mjs";
import { press, reads } from "./person.mjs";
import { startRelyingParty } from "./relying-party.mjs";
import { startSimpleRelyingParty } from "./simple-relying-party.mjs";

export const KINDS = process.env.E2E_BROWSER ? [process.env.E2E_BROWSER] : ["chromium", "firefox"];

export const RELYING_PARTIES = {
  "go-webauthn": () => startRelyingParty(ROOT),
  "@simplewebauthn/server": () => startSimpleRelyingParty(`${ROOT}extension/e2e/site`),
};

/** Opens a browser of `kind` on a vault of its own. Ends with the test `t`. */
export async function open(t, kind, options) {
  const [browser] = await openTogether(t, [kind], options);
  return browser;
}

/** Opens browsers of several kinds on one vault. */
export async function openTogether(t, kinds, { consent = "allow", extension, more, keepWelcome, env, ...where } = {}) {
  const home = where.home ?? (await temporaryFolder(t));
  const userDataDir = kinds.includes("chromium") ? `${home}/chromium` : undefined;
  if (userDataDir) await mkdir(userDataDir, { recursive: true });
  const bed = await testbed({ userDataDir, firefoxHome: kinds.includes("firefox") ? home : undefined, consent, more });
  after(t, () => bed.stop());
  const browsers = [];
  for (const kind of kinds)
    browsers.push({ ...(await start(t, kind, { home, userDataDir, extension, keepWelcome, env })), bed, home });
  return browsers;
}

async function start(t, kind, { home, userDataDir, extension, keepWelcome, env }) {
  const browser =
    kind === "chromium"
      ? await openChromium({ home, userDataDir, extension: extension ?? `${ROOT}build/test/chrome`, env })
      : await openFirefox({
          home,
          profile: `${home}/firefox`,
          extension: extension ?? `${ROOT}build/test/firefox`,
          addonId: IDS.test.firefoxId,
          env,
        });
  after(t, () => browser.close().catch(() => {})); // a test may have closed or killed it
  // The welcome page opens by itself and would take the focus away from a site in the middle of its call.
  const welcome = await browser.window(/welcome/);
  await browser.newPage();
  if (keepWelcome) return { ...browser, welcome }; // Firefox's driver opens no page of ours by itself
  await welcome.close();
  return browser;
}

/** Makes a browser whose welcome page was kept use another of the person's vaults from now on. */
export async function useVault({ welcome }, name) {
  await welcome.bringToFront();
  await welcome.evaluate(() => location.reload());
  await press(welcome, new RegExp(`^${name}$`), undefined, "label");
  const shown = () => ask(welcome, () => document.querySelector(".brand .tag")?.innerText);
  await until(async () => (await shown()) === name, `the vault ${name}`);
  await reads(welcome, /keyferry is ready/);
}

/** A page of the site, once the extension answers for it. */
export async function visit(browser, url) {
  const page = await browser.newPage();
  await page.goto(url);
  await until(
    () => page.evaluate(() => PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable()),
    "Keyferry on the page",
  );
  return page;
}

/** rp.attempt(what, …) in the page. */
export const attempt = (page, what, ...args) =>
  page.evaluate(([what, args]) => rp.attempt(what, ...args), [what, args]);
