// A file that is opened from the desktop: `keyferry open FILE`, which a double click runs, brings the transfer page up in
// the browser, with the file in it. No web page takes part.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { test } from "node:test";
import { after, openChromium, temporaryFolder, until } from "./lib/browsers.mjs";
import { IDS, ROOT, testbed } from "./lib/host.mjs";
import { reads } from "./lib/person.mjs";
import { KINDS, open } from "./lib/signed-in.mjs";

const PAGE = /\/ui\/transfer\/index\.html#(open|transfer)=/;

/** Chooses a vault on the settings page. */
async function choose(settings, name) {
  await settings.getByLabel(name, { exact: true }).click();
  const chosen = () => document.querySelector("#profile input:checked")?.closest("label")?.innerText.trim();
  await until(async () => (await settings.evaluate(chosen)) === name, `the vault ${name}`, 60_000);
}

for (const kind of KINDS)
  test(`${kind}: a request that is opened is shown in the transfer page`, async t => {
    const folder = await temporaryFolder(t);
    const browser = await open(t, kind);
    const file = `${folder}/ein Ersuchen von Ünal.cxprequest`;
    await browser.bed.run("cxp", "request", "--out", file);
    assert.match(await browser.bed.run("open", file), /your browser shows it: a request/i);
    const page = await browser.window(PAGE, 60_000);
    await reads(page, /who receives it/, 60_000);
    await reads(page, /compare and confirm/);

    // What is no file of ours is said at once, and no page opens.
    await writeFile(`${folder}/words.cxprequest`, "just words");
    await assert.rejects(browser.bed.run("open", `${folder}/words.cxprequest`), /not an export of a password manager/);

    if (kind === "firefox") return; // the rest is the agent's and the command's, whatever the browser
    await page.close();

    // A double click names no vault: the browser may use another one.
    const office = await testbed({ userDataDir: `${browser.home}/chromium`, profile: "office" });
    const settings = await browser.newPage();
    await settings.goto(`chrome-extension://${IDS.test.chromeId}/ui/settings/index.html`);
    await choose(settings, "office");
    await office.run("cxp", "request", "--out", `${folder}/office.cxprequest`);
    assert.match(await browser.bed.run("open", `${folder}/office.cxprequest`), /your browser shows it: a request/i);
    await reads(await browser.window(PAGE, 60_000), /who receives it/, 60_000);
    await choose(settings, "default");

    // With no browser there, the file waits for one.
    await browser.close();
    const said = browser.bed.run("open", file);
    said.catch(() => {}); // it is looked at below, when a browser is there
    const again = await openChromium({
      home: browser.home,
      userDataDir: `${browser.home}/chromium`,
      extension: `${ROOT}build/test/chrome`,
    });
    after(t, () => again.close());
    await reads(await again.window(PAGE, 60_000), /who receives it/, 60_000);
    assert.match(await said, /your browser shows it/i);
  });
