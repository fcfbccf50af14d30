// A file that is opened from the desktop: `keyferry open FILE`, which a double click runs, brings the transfer page up in
// the browser, with the file in it. No web page takes part.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { test } from "node:test";
import { after, openChromium, temporaryFolder } from "./lib/browsers.mjs";
import { ROOT } from "./lib/host.mjs";
import { reads } from "./lib/person.mjs";
import { KINDS, open } from "./lib/signed-in.mjs";

const PAGE = /\/ui\/transfer\/index\.html#(open|transfer)=/;

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

    if (kind === "firefox") return; // the rest is the agent's, whatever the browser
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
