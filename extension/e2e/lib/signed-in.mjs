// A browser of either kind with the test extension, a throwaway vault and a page of a relying party: the ground that
// most end-to-end tests stand on.
import { mkdir } from "node:fs/promises";
import { after, openChromium, openFirefox, temporaryFolder, until } from "./browsers.mjs";
import { IDS, ROOT, testbed } from "./host.mjs";
import { startRelyingParty } from "./relying-party.mjs";
import { startSimpleRelyingParty } from "./simple-relying-party.mjs";

export const KINDS = process.env.E2E_BROWSER ? [process.env.E2E_BROWSER] : ["chromium", "firefox"];

export const RELYING_PARTIES = {
  "go-webauthn": () => startRelyingParty(ROOT),
  "@simplewebauthn/server": () => startSimpleRelyingParty(`${ROOT}extension/e2e/site`),
};

/** Opens a browser of `kind` on a vault; `bed` shares another's. Ends with the test `t`. */
export async function open(t, kind, { consent = "allow", extension, more } = {}) {
  const home = await temporaryFolder(t);
  let browser;
  let bed;
  if (kind === "chromium") {
    const userDataDir = `${home}/profile`;
    await mkdir(userDataDir, { recursive: true });
    bed = await testbed({ userDataDir, consent, more });
    after(t, () => bed.stop());
    browser = await openChromium({ home, userDataDir, extension: extension ?? `${ROOT}build/test/chrome` });
  } else {
    bed = await testbed({ firefoxHome: home, consent, more });
    after(t, () => bed.stop());
    browser = await openFirefox({
      home,
      profile: `${home}/profile`,
      extension: extension ?? `${ROOT}build/test/firefox`,
      addonId: IDS.test.firefoxId,
    });
  }
  after(t, () => browser.close().catch(() => {})); // a test may have closed or killed it
  // The welcome page opens by itself and would take the focus away from a site in the middle of its call.
  const welcome = await browser.window(/welcome/);
  await browser.newPage();
  await welcome.close();
  return { ...browser, bed, home };
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
