// Opens a real browser with the test extension and the fake host, and serves pages to it from localhost.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { test, after as whenAllIsOver } from "node:test";
import { fileURLToPath } from "node:url";
import { after, openChromium, openFirefox, temporaryFolder } from "../lib/browsers.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const build = join(here, "../../../build/test");
const ids = JSON.parse(await readFile(join(here, "../../manifest/keys.json"), "utf8")).test;

async function installFakeHost(browser, folder, home, userDataDir, mode) {
  // A launcher, so that the log lies in the test's own folder.
  const launcher = join(folder, "host.sh");
  const script = `#!/bin/sh\nKEYFERRY_FAKE_LOG='${folder}' KEYFERRY_FAKE_MODE='${mode}' exec '${process.execPath}' '${join(here, "fake-host.mjs")}' "$@"\n`;
  await writeFile(launcher, script, { mode: 0o755 });
  const at =
    browser === "chromium" ? join(userDataDir, "NativeMessagingHosts") : join(home, ".mozilla/native-messaging-hosts");
  await mkdir(at, { recursive: true });
  const callers =
    browser === "chromium"
      ? { allowed_origins: [`chrome-extension://${ids.chromeId}/`] }
      : { allowed_extensions: [ids.firefoxId] };
  const manifest = { name: "app.keyferry.host", description: "fake", path: launcher, type: "stdio", ...callers };
  await writeFile(join(at, "app.keyferry.host.json"), JSON.stringify(manifest));
}

/** Runs `fn` as a test in each browser, in one of its own. */
export function inBothBrowsers(name, options, fn) {
  for (const kind of ["chromium", "firefox"])
    test(`${kind}: ${name}`, async t => {
      await fn(t, await open(t, kind, options), kind);
    });
}

/**
 * The same for tests that leave a browser as they found it: those of one file share one of each kind, since starting a
 * browser takes longer than most of them. Each has a page of its own and sees only its own questions to the host.
 */
export function inSharedBrowsers() {
  const browsers = new Map();
  const undoings = [];
  const owner = { after: undo => undoings.push(undo) };
  whenAllIsOver(async () => {
    for (const undo of undoings) await undo();
  });
  return (name, fn) => {
    for (const kind of ["chromium", "firefox"])
      test(`${kind}: ${name}`, async t => {
        if (!browsers.has(kind)) browsers.set(kind, open(owner, kind));
        const b = await browsers.get(kind);
        const before = (await b.asked()).length;
        const page = await b.newPage();
        after(t, () => page.close().catch(() => {})); // a test may have closed it
        await page.bringToFront();
        await fn(t, { ...b, page, asked: async () => (await b.asked()).slice(before) }, kind);
      });
  };
}

/** Serves `pages` (path -> {body, headers} or body) on a free port of localhost and its subdomains. */
export async function serve(t, pages) {
  const server = createServer((request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    const page = pages[path];
    if (page === undefined) return response.writeHead(404).end();
    const { body, headers = {} } = typeof page === "string" ? { body: page } : page;
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", ...headers }).end(body);
  });
  await new Promise(resolve => server.listen(0, "127.0.0.1", resolve));
  after(t, () => server.close());
  const { port } = server.address();
  return { port, origin: `http://localhost:${port}`, at: (host, path = "/") => `http://${host}:${port}${path}` };
}

/** A browser with the extension. `host: false` leaves the native host out, `mode` breaks it. */
export async function open(t, kind, { host = true, mode = "" } = {}) {
  const folder = await temporaryFolder(t, "keyferry-road-");
  const home = join(folder, "home");
  const userDataDir = join(folder, "profile");
  await mkdir(home, { recursive: true });
  await mkdir(userDataDir, { recursive: true });
  if (host) await installFakeHost(kind, folder, home, userDataDir, mode);
  const browser =
    kind === "chromium"
      ? await openChromium({ home, userDataDir, extension: join(build, "chrome") })
      : await openFirefox({ home, profile: userDataDir, extension: join(build, "firefox") });
  after(t, () => browser.close());
  const asked = async () => {
    const text = await readFile(join(folder, "fake-host.log"), "utf8").catch(() => "");
    return text
      .split("\n")
      .filter(Boolean)
      .map(line => JSON.parse(line));
  };
  // The welcome page opens by itself; tests use it for what only our own pages can do.
  const welcome = await browser.window(/\/ui\/welcome\//);
  const page = await browser.newPage();
  await page.bringToFront();
  return { ...browser, folder, asked, ids, page, welcome };
}

/** Gives Chromium an authenticator of its own that says yes by itself, so that a call that falls to it succeeds. */
export async function nativeAuthenticator(b, page) {
  const cdp = await b.context.newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}
