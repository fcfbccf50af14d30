// An installed Keyferry, as a person meets it: `node signin.mjs PROGRAM HOME [KIND…]` starts real browsers with fresh
// profiles in HOME and the released extension, makes a vault on the welcome page and registers and signs in, in each.
// Who calls it has put the manifests where they belong; nothing here does.
import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { openChromium, openFirefox } from "../../../extension/e2e/lib/browsers.mjs";
import { stopAgents } from "../../../extension/e2e/lib/host.mjs";
import { press, reads, text, type } from "../../../extension/e2e/lib/person.mjs";
import { startRelyingParty } from "../../../extension/e2e/lib/relying-party.mjs";
import { typed } from "./terminal.mjs";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const PASSPHRASE = "nine gulls over a quiet harbour";
const [program, home, ...kinds] = process.argv.slice(2);

const open = {
  chromium: () => openChromium({ home, userDataDir: `${home}/.config/chromium`, extension: `${ROOT}build/chrome` }),
  firefox: () =>
    openFirefox({
      home,
      profile: `${home}/.mozilla/firefox/proof`,
      extension: `${ROOT}build/firefox`,
      addonId: "keyferry@keyferry.app",
    }),
};

/** Lets a browser in from a terminal of its own, by the code that it shows. */
const pair = code => typed(home, /passphrase: $/i, PASSPHRASE, [program, "pair", code]);

async function makeVault(welcome) {
  await type(welcome, /passphrase/, PASSPHRASE);
  await press(welcome, /make the vault/);
  await reads(welcome, /write down/, 60_000); // the key derivation takes its time on a busy machine
  const words = await welcome.evaluate(() =>
    [...document.querySelectorAll("ol.words li")].map(li => li.innerText.trim()),
  );
  await press(welcome, /i have them/);
  await reads(welcome, /three words/);
  const asked = [...(await text(welcome)).matchAll(/word (\d+)/gi)].map(m => Number(m[1]));
  for (const n of new Set(asked)) await type(welcome, new RegExp(`word ${n}$`), words[n - 1]);
  await press(welcome, /^check$/);
}

async function joinVault(welcome) {
  await press(welcome, /connect this browser/);
  await reads(welcome, /keyferry pair \d+/);
  await pair(/keyferry pair (\d+)/.exec(await text(welcome))[1]);
}

async function approve(browser) {
  const window = await browser.window(/approve/);
  await reads(window, /use another device/);
  await press(window, /^(save passkey|sign in)$/);
}

/** Opens a request as a double click on it does, and sees the browser show it. Only where there is a desktop's machinery. */
async function openByDesktop(browser) {
  const { PATH, LANG } = process.env;
  const options = { env: { PATH, LANG, HOME: home, XDG_DATA_DIRS: "/usr/local/share:/usr/share" }, timeout: 60_000 };
  const known = await run("sh", ["-c", "command -v update-desktop-database && command -v gio"], options).catch(() => {});
  if (!known) return;
  const file = `${home}/Bitte um Schlüssel.cxprequest`;
  await run(program, ["cxp", "request", "--out", file], options);
  await run("gio", ["open", file], options);
  await reads(await browser.window(/transfer\/index\.html#/, 60_000), /who receives it/, 60_000);
  await rm(file);
  console.log(`${browser.kind}: a double click on a request showed the transfer page`);
}

let current; // the browser in front
const ending = [];
try {
  // What is typed for the person can't be typed into a dialog.
  await mkdir(`${home}/.config/keyferry`, { recursive: true, mode: 0o700 });
  await writeFile(`${home}/.config/keyferry/config`, "no-dialogs\n", { mode: 0o600 });
  ending.push(() => stopAgents(home));
  const site = await startRelyingParty(ROOT);
  ending.push(site.close);
  let first = true;
  for (const kind of kinds) {
    const browser = await open[kind]();
    current = browser;
    ending.push(() => browser.close().catch(() => {})); // closed already where all went well
    const welcome = await browser.window(/welcome/, 60_000);
    await (first ? makeVault : joinVault)(welcome);
    await reads(welcome, /everything is in place/, 60_000);
    console.log(`${kind}: found the host, ${first ? "made the vault" : "was let in"}`);
    const page = await browser.newPage();
    await page.goto(site.origin);
    if (first) {
      await press(page, /create an account/);
      await approve(browser);
      await reads(page, /you are signed in/, 60_000);
      await press(page, /sign out/);
    }
    await press(page, /^sign in$/);
    await approve(browser);
    await reads(page, /welcome aboard/, 60_000);
    console.log(`${kind}: signed in`);
    await openByDesktop(browser);
    await browser.close();
    first = false;
  }
} catch (error) {
  for (const page of (await current?.pages()) ?? []) console.error(`-- ${page.url()}\n${await text(page).catch(() => "")}`);
  throw error;
} finally {
  for (const end of ending.reverse()) await end();
}
