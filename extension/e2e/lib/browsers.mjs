// Real browsers behind one small face. Chromium is driven by playwright-core, Firefox ESR by puppeteer-core over
// WebDriver BiDi; their page objects share goto, evaluate, click, keyboard, screenshot and waitForSelector, which is
// all that the tests use.
import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import puppeteer from "puppeteer-core";

export const run = promisify(execFile);
export const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
export const FIREFOX = process.env.FIREFOX ?? "/usr/bin/firefox-esr";
const asRoot = process.getuid?.() === 0;

const undoing = new WeakMap();

/** Runs `undo` when the test is over, the last one first (node:test itself would begin with the first). */
export function after(t, undo) {
  const stack = undoing.get(t) ?? [];
  if (stack.length === 0) {
    undoing.set(t, stack);
    t.after(async () => {
      while (stack.length > 0) await stack.pop()();
    });
  }
  stack.push(undo);
}

/** A folder that is gone when `t` (a node:test context) is over; without one, the caller removes it. */
export async function temporaryFolder(t, prefix = "keyferry-e2e-") {
  const folder = await mkdtemp(join(tmpdir(), prefix));
  if (t) after(t, () => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));
  return folder;
}

/** The environment of a browser that must not touch the real home. */
function environment(home, extra = {}) {
  const env = { ...process.env, HOME: home, ...extra };
  for (const name of ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"]) delete env[name];
  return env;
}

/** Polls until `find` gives something truthy. */
export async function until(find, what, ms = 60_000) {
  const end = Date.now() + ms;
  for (;;) {
    const found = await find();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited ${ms} ms in vain for ${what}`);
    await new Promise(resolve => setTimeout(resolve, 40));
  }
}

/**
 * What a page says to `script`, or undefined where it does not answer. A window that closes at that moment may leave the
 * driver without an answer for ever (Firefox), which must not stop who looks for another one.
 */
export async function ask(page, script, ...args) {
  let timer;
  const late = new Promise(resolve => {
    timer = setTimeout(resolve, 3000);
  });
  try {
    return await Promise.race([page.evaluate(script, ...args).catch(() => undefined), late]);
  } finally {
    clearTimeout(timer);
  }
}

const href = async page => (await ask(page, () => location.href)) ?? "";

function face(kind, pages, rest) {
  return {
    kind,
    pages,
    /** The first window or tab whose address matches, as soon as it is there. */
    window: (pattern, ms) =>
      until(
        async () => {
          for (const page of await pages()) if (pattern.test(await href(page))) return page;
          return undefined;
        },
        `a window of ${kind} that matches ${pattern}`,
        ms,
      ),
    ...rest,
  };
}

/** Opens Chromium with an unpacked extension. */
export async function openChromium({ home, userDataDir, extension, headless = true, args = [], env = {} }) {
  const context = await chromium.launchPersistentContext(userDataDir, {
    executablePath: CHROMIUM,
    headless: false, // the new headless mode below: the old one has no extensions
    ignoreDefaultArgs: [
      "--disable-extensions",
      "--disable-component-extensions-with-background-pages",
      "--enable-automation",
    ],
    env: environment(home, env),
    viewport: null,
    args: [
      ...(headless ? ["--headless=new"] : []),
      ...(asRoot ? ["--no-sandbox"] : []),
      ...(extension ? [`--disable-extensions-except=${extension}`, `--load-extension=${extension}`] : []),
      "--no-first-run",
      "--disable-gpu",
      "--disable-quic",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--disable-features=DialMediaRouteProvider",
      "--window-size=1100,800",
      ...args,
    ],
  });
  return face("chromium", async () => context.pages(), {
    context,
    newPage: () => context.newPage(),
    worker: () => until(async () => context.serviceWorkers()[0], "the service worker"),
    close: () => context.close(),
  });
}

/** Packs an unpacked extension as FILE.xpi. */
export async function pack(extension, file) {
  await rm(file, { force: true });
  await run("zip", ["-q", "-r", "-X", file, "."], { cwd: extension });
}

const FIREFOX_PREFERENCES = {
  "xpinstall.signatures.required": false,
  "extensions.autoDisableScopes": 0,
  "extensions.enabledScopes": 15,
  "extensions.webextOptionalPermissionPrompts": false,
  "browser.shell.checkDefaultBrowser": false,
  "browser.aboutwelcome.enabled": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "toolkit.telemetry.reportingpolicy.firstRun": false,
  "app.update.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "browser.safebrowsing.downloads.remote.enabled": false,
  "services.settings.server": "data:,",
  "dom.security.https_first": false,
};

/**
 * Opens Firefox ESR. `addonId` puts the extension into the profile as an xpi, where it stays across restarts; without
 * it the extension is installed for this run only.
 */
export async function openFirefox({ home, profile, extension, addonId, headless = true, preferences = {}, env = {} }) {
  await mkdir(join(profile, "extensions"), { recursive: true });
  const downloads = {
    "browser.download.folderList": 2,
    "browser.download.dir": `${home}/Downloads`,
    "browser.download.alwaysOpenPanel": false, // it would take the focus from the page
  };
  const all = { ...FIREFOX_PREFERENCES, ...downloads, ...preferences };
  const lines = Object.entries(all).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
  );
  await writeFile(join(profile, "user.js"), `${lines.join("\n")}\n`);
  if (extension && addonId) {
    const xpi = join(home, `${addonId}.xpi`);
    await pack(extension, xpi);
    await copyFile(xpi, join(profile, "extensions", `${addonId}.xpi`));
  }
  const browser = await puppeteer.launch({
    browser: "firefox",
    executablePath: FIREFOX,
    headless,
    enableExtensions: true,
    extraPrefsFirefox: all,
    env: environment(home, env),
    args: ["--profile", profile, "--no-remote"],
    defaultViewport: null,
    timeout: 60_000,
  });
  if (extension && !addonId) await browser.installExtension(extension);
  return face("firefox", () => browser.pages(), {
    browser,
    newPage: () => browser.newPage(),
    close: () => browser.close(),
  });
}
