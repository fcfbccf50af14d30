// `make demo`: a person meets Keyferry. Everything is the real thing: the release binary, the release extension, a
// real browser, a relying party by go-webauthn; every click is one that a person would make. All of it lives in a
// temporary home that is gone afterwards; only build/demo/ with the pictures stays.
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { openChromium, openFirefox, run, temporaryFolder } from "./lib/browsers.mjs";
import { IDS, keyferry, stopAgents } from "./lib/host.mjs";
import { press, reads, text, type } from "./lib/person.mjs";
import { startRelyingParty } from "./lib/relying-party.mjs";
import { makeRequest, takeAnswer, transferPage } from "./lib/transfer-page.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PICTURES = `${ROOT}build/demo`;
const PASSPHRASE = "nine gulls over a quiet harbour";
const WINDOWED = Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY) && !process.env.DEMO_HEADLESS;
const FIRST = process.env.DEMO_BROWSER === "firefox" ? "firefox" : "chromium";
const SECOND = FIRST === "firefox" ? "chromium" : "firefox";

const begun = Date.now();
let last = begun;
function step(what) {
  const now = Date.now();
  const took = `${((now - last) / 1000).toFixed(1)} s`;
  last = now;
  console.log(`  ${took.padStart(7)}  ${what}`);
}

const home = await temporaryFolder(undefined, "keyferry-demo-");
const elsewhere = `${home}/another-computer`;
const ending = [];
let failed;
let current; // the browser in front
try {
  await mkdir(PICTURES, { recursive: true });
  console.log(`Keyferry demo, in ${WINDOWED ? "windows" : "headless browsers"}; all of it in a temporary home\n`);
  await demo();
  console.log(`\nDone in ${((Date.now() - begun) / 1000).toFixed(0)} s. The pictures are in build/demo/.`);
} catch (error) {
  failed = error;
  for (const page of (await current?.pages()) ?? [])
    console.error(`\n-- ${page.url()}\n${await text(page).catch(() => "")}`);
} finally {
  for (const end of ending.reverse()) await end().catch(error => console.error(`clean-up: ${error.message}`));
}
if (failed) {
  console.error(`\nThe demo stopped: ${failed.stack}`);
  process.exitCode = 1;
}

async function demo() {
  ending.push(() => run("rm", ["-rf", home]));
  ending.push(() => stopAgents(home));
  ending.push(() => stopAgents(elsewhere));
  for (const computer of [home, elsewhere]) await withoutDialogs(computer);

  const site = await startRelyingParty(ROOT);
  ending.push(site.close);
  step(`a website that wants passkeys is up at ${site.origin}`);

  for (const browser of ["chromium", "firefox"]) await keyferry(home, ["install", browser]);
  step("keyferry install chromium, keyferry install firefox: both browsers know the host");

  let browser = await open(FIRST);
  await makeVault(browser, true);
  step(`${FIRST} started and found the host; the vault is made, the recovery phrase checked, this browser paired`);

  let page = await browser.newPage();
  await page.goto(site.origin);
  await press(page, /create an account/);
  await approve(browser, "4-approve-create");
  await reads(page, /you are signed in/);
  await shot(page, "5-site-registered");
  step("a passkey is registered; the website has verified it");

  await press(page, /sign out/);
  await press(page, /^sign in$/);
  await approve(browser, "6-approve-sign-in");
  await reads(page, /welcome aboard/);
  step("signed out and signed in again");

  await browser.close();
  browser = await open(FIRST);
  page = await browser.newPage();
  await page.goto(site.origin);
  await press(page, /^sign in$/);
  await approve(browser);
  await reads(page, /welcome aboard/);
  step(`${FIRST} restarted; signed in`);
  if (browser.kind === "chromium") {
    await popup(browser);
    step("the popup knows this site");
  }
  await browser.close();

  await keyferry(home, ["lock"]);
  browser = await open(SECOND);
  const other = await browser.window(/welcome/);
  await press(other, /connect this browser/);
  await reads(other, /keyferry pair \d+/);
  const code = /keyferry pair (\d+)/.exec(await text(other))[1];
  await keyferry(home, ["pair", code], { type: `${PASSPHRASE}\n` });
  await reads(other, /everything is in place/);
  step(`${SECOND} started: one passphrase paired it by code and opened the locked vault`);
  page = await browser.newPage();
  await page.goto(site.origin);
  await press(page, /^sign in$/);
  await approve(browser, "8-approve-other-browser");
  await reads(page, /welcome aboard/);
  await shot(page, "9-site-other-browser");
  step(`signed in to the same account from ${SECOND}`);
  await browser.close();

  await moveToAnotherComputer(site);
}

/** Another home is another computer: its own vault, its own browser, and nothing but two files in between. */
async function moveToAnotherComputer(site) {
  await keyferry(elsewhere, ["install", SECOND]);
  const browser = await open(SECOND, elsewhere);
  browser.welcome = await makeVault(browser);
  const page = await transferPage(browser, IDS.release.chromeId);
  const asked = await makeRequest(browser, page, elsewhere);
  await shot(page, "10-another-computer-asks");
  step(`another computer, with a vault of its own: ${SECOND} there asks for passkeys by a file`);

  const sealed = { file: `${elsewhere}/answer.cxpresponse` };
  const said = await keyferry(home, ["cxp", "export", "--request", asked.file, "--out", sealed.file], {
    type: printed => {
      const group = /Group (\d): $/.exec(printed);
      if (group) return `${asked.groups[Number(group[1]) - 1]}\n`;
      return /passphrase: $/i.test(printed) ? `${PASSPHRASE}\n` : undefined;
    },
  });
  sealed.groups = /Fingerprint: (\S+)/.exec(said)[1].split("-");
  step(
    "the first computer answers at its terminal, after three groups of that screen and the passphrase: a sealed file",
  );

  await takeAnswer(page, sealed);
  await reads(page, /1 entry/); // the list is there
  await shot(page, "11-what-would-come-in");
  await press(page, /^store as chosen$/);
  await reads(page, /brought in/);
  await shot(page, "12-brought-in");
  step("what came was looked through and stored there");

  const there = await browser.newPage();
  await there.goto(site.origin);
  await press(there, /^sign in$/);
  await approve(browser);
  await reads(there, /welcome aboard/);
  await shot(there, "13-site-another-computer");
  step("signed in with it from the other computer");
  await browser.close();
}

/** The demo types for the person, which it can do in pages and at terminals but not in a dialog: so it asks for none. */
async function withoutDialogs(computer) {
  await mkdir(`${computer}/.config/keyferry`, { recursive: true, mode: 0o700 });
  await writeFile(`${computer}/.config/keyferry/config`, "no-dialogs\n", { mode: 0o600 });
}

/** Does what the welcome page asks for. Resolves to that page. */
async function makeVault(browser, pictures) {
  const welcome = await browser.window(/welcome/);
  await reads(welcome, /passphrase/);
  if (pictures) await shot(welcome, "1-welcome");
  await type(welcome, /passphrase/, PASSPHRASE);
  await press(welcome, /make the vault/);
  await reads(welcome, /write down/);
  const words = await welcome.evaluate(() =>
    [...document.querySelectorAll("ol.words li")].map(li => li.innerText.trim()),
  );
  if (pictures) await shot(welcome, "2-recovery-phrase");
  await press(welcome, /i have them/);
  await reads(welcome, /three words/);
  const asked = [...(await text(welcome)).matchAll(/word (\d+)/gi)].map(m => Number(m[1]));
  for (const n of new Set(asked)) await type(welcome, new RegExp(`word ${n}$`), words[n - 1]);
  await press(welcome, /^check$/);
  await reads(welcome, /everything is in place/);
  if (pictures) await shot(welcome, "3-ready");
  return welcome;
}

async function open(kind, computer = home) {
  const headless = !WINDOWED;
  const browser =
    kind === "chromium"
      ? await openChromium({
          home: computer,
          userDataDir: `${computer}/.config/chromium`,
          extension: `${ROOT}build/chrome`,
          headless,
        })
      : await openFirefox({
          home: computer,
          profile: `${computer}/.mozilla/firefox/demo`,
          extension: `${ROOT}build/firefox`,
          addonId: "keyferry@keyferry.app",
          headless,
        });
  browser.home = computer;
  current = browser;
  ending.push(() => browser.close().catch(() => {})); // closed already where the demo went well
  return browser;
}

async function approve(browser, picture) {
  const window = await browser.window(/approve/);
  await reads(window, /use another device/);
  await window.setViewportSize?.({ width: 440, height: 460 }); // headless Chromium gives every window one size
  if (picture) {
    await new Promise(resolve => setTimeout(resolve, 800)); // it takes input after 600 ms: show it ready
    await shot(window, picture);
  }
  await press(window, /^(save passkey|sign in)$/);
}

async function popup(browser) {
  const worker = await browser.worker();
  // As the toolbar button does it, over the site's tab; in a tab of its own, since no driver can see a real popup.
  await worker.evaluate(() => chrome.tabs.create({ url: "ui/popup/index.html", active: false }));
  const page = await browser.window(/popup/);
  await page.setViewportSize({ width: 360, height: 480 });
  await reads(page, /localhost/);
  await shot(page, "7-popup");
  await page.close();
}

async function shot(page, name) {
  await page.screenshot({ path: `${PICTURES}/${name}.png` });
}
