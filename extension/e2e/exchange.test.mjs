// Everything moves, and nothing is lost on the way: 500 passkeys and 200 other items go from vault A in Chromium to
// vaults B, C and D by direct exchange, by sealed file and through an app that knows nothing but the published package;
// then Firefox with B signs in where Chromium with A registered.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { after, temporaryFolder } from "./lib/browsers.mjs";
import { essence, makeDocument, passkeysOf } from "./lib/document.mjs";
import { testbed } from "./lib/host.mjs";
import { press, reads } from "./lib/person.mjs";
import { attempt, openTogether, RELYING_PARTIES, useVault, visit } from "./lib/signed-in.mjs";
import {
  answerRequest,
  bringIn,
  exampleProvider,
  handOver,
  makeRequest,
  shot,
  takeAnswer,
  transferPage,
} from "./lib/transfer-page.mjs";
import { watch } from "./lib/watcher.mjs";

const ADA = "ada@example.com";
const PASSKEYS = 500;
const ITEMS = 200;

test("what A has, B has", async t => {
  const site = await RELYING_PARTIES["go-webauthn"]();
  after(t, site.close);
  const folder = await temporaryFolder(t);
  const [chromium, firefox] = await openTogether(t, ["chromium", "firefox"], { keepWelcome: true });
  const { bed: a, home } = chromium;
  const vault = profile => testbed({ userDataDir: `${home}/chromium`, firefoxHome: home, profile });
  const { document, secrets } = makeDocument({ passkeys: PASSKEYS, items: ITEMS });
  const watcher = await watch(t, folder, [home], secrets);

  /** What a vault would give to anybody: its CXF document. */
  const holds = async (bed, name) => {
    const file = `${folder}/${name}.json`;
    await bed.run("cxf", "export", "--force", file);
    return JSON.parse(await readFile(file, "utf8"));
  };

  await t.test("A has a passkey of its own, and takes in a document", async () => {
    const tab = await visit(chromium, site.origin);
    assert.equal((await attempt(tab, "register", { user: ADA })).ok, true);
    await writeFile(`${folder}/elsewhere.json`, JSON.stringify(document));
    const page = await transferPage(chromium);
    await bringIn(page, `${folder}/elsewhere.json`, PASSKEYS + ITEMS);
    await shot(page, "exchange-brought-in");
    await page.close();
    const has = await holds(a, "a");
    const theirs = document.accounts[0];
    const [account] = essence(has).filter(x => x.id === theirs.id);
    assert.deepEqual(account, essence(document)[0]);
    assert.equal(passkeysOf(has).size, PASSKEYS + 1);
  });

  /** Firefox signs in where A registered. */
  const signsIn = async picture => {
    const tab = await visit(firefox, site.origin);
    await tab.bringToFront();
    const seen = await attempt(tab, "login", { user: ADA });
    assert.deepEqual([seen.ok, seen.user], [true, ADA], JSON.stringify(seen));
    await shot(tab, picture);
    await tab.close();
  };

  await t.test("by direct exchange, and Firefox signs in with it", async () => {
    const b = await vault("b");
    await b.run("provide", a.testbed);
    await a.run("provide", a.testbed);
    const page = await transferPage(chromium);
    await handOver(page, /^choose: keyferry \(b\)$/, "exchange-review");
    await reads(page, /the other app has it/);
    await shot(page, "exchange-handed-over");
    await page.close();
    assert.deepEqual(essence(await holds(b, "b")), essence(await holds(a, "a")));
    await useVault(firefox, "b");
    await signsIn("exchange-signed-in");
  });

  await t.test("by sealed file, from Chromium's page to Firefox's, which signs in with it", async () => {
    const c = await vault("c");
    await useVault(firefox, "c");
    const [from, to] = [await transferPage(chromium), await transferPage(firefox)];
    const asked = await makeRequest(firefox, to, folder);
    const sealed = await answerRequest(chromium, from, folder, asked);
    assert.equal((await readFile(sealed.file)).includes("site-1.example"), false, "it is sealed");
    await takeAnswer(to, sealed);
    await reads(to, new RegExp(`new \\(${PASSKEYS + ITEMS + 1}\\)`));
    await reads(to, new RegExp(`${PASSKEYS + ITEMS + 1} entries`)); // the list is there, and the button at rest
    await press(to, /^store as chosen$/);
    await reads(to, new RegExp(`${PASSKEYS + ITEMS + 1} entries brought in`));
    await from.close();
    await to.close();
    assert.deepEqual(essence(await holds(c, "c")), essence(await holds(a, "a")));
    await signsIn("exchange-signed-in-by-file");
  });

  await t.test("through an app that knows nothing but the published package", async () => {
    const example = await exampleProvider(t, folder, `${a.testbed}/providers`);
    const d = await vault("d");
    const page = await transferPage(chromium);
    await handOver(page, /^choose: example$/);
    await reads(page, new RegExp(`it took ${PASSKEYS + ITEMS + 1} entries`));
    await page.close();
    await d.run("import", "--from", example.name, "--yes");
    assert.deepEqual(essence(await holds(d, "d")), essence(await holds(a, "a")));
  });

  await t.test("the same again changes nothing and says so", async () => {
    const before = essence(await holds(a, "a"));
    const again = JSON.parse(await a.run("--json", "import", "--from", "b.keyferry.app", "--yes"));
    assert.equal(again.outcome.unchanged, true);
    assert.deepEqual(essence(await holds(a, "a")), before);
  });

  await t.test("and no key was readable in the home or either browser's profile", async () => {
    const { found, files } = await watcher.sweep();
    assert.deepEqual(found, []);
    assert.ok(files > 500, `it looked at ${files} files`);
  });
});
