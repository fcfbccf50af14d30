// Moving, through the pages and with the real host. Two computers by files: vault A in Chromium answers the request of
// vault B in Firefox; then B signs in where A registered. Wrong groups, a page that is closed in the middle, the same thing
// twice, undo, a backup and another manager's file are on the way. Then what one computer does: handing over to another
// app, what becomes of the originals, and of a readable file that was brought.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { after, run, temporaryFolder, until } from "./lib/browsers.mjs";
import { testbed } from "./lib/host.mjs";
import { key, press, reads, type } from "./lib/person.mjs";
import { attempt, open, RELYING_PARTIES, visit } from "./lib/signed-in.mjs";
import {
  answerRequest,
  bringIn,
  give,
  makeRequest,
  refill,
  saved,
  shot,
  takeAnswer,
  transferPage,
} from "./lib/transfer-page.mjs";

const PEOPLE = ["ada@example.com", "grace@example.com", "lin@example.com"];

test("two computers, by files", async t => {
  const site = await RELYING_PARTIES["go-webauthn"]();
  after(t, site.close);
  const folder = await temporaryFolder(t);
  const a = await open(t, "chromium");
  const b = await open(t, "firefox", { keepWelcome: true });
  const siteA = await visit(a, site.origin);
  for (const user of PEOPLE) assert.equal((await attempt(siteA, "register", { user })).ok, true);
  const siteB = await visit(b, site.origin);
  let pageA = await transferPage(a);
  let pageB = await transferPage(b);

  await t.test("what A registered signs in with B", async () => {
    const asked = await makeRequest(b, pageB, folder);
    const sealed = await answerRequest(a, pageA, folder, asked, {
      wrongFirst: true,
      picture: "transfer-out",
    });
    const bytes = await readFile(sealed.file);
    for (const user of PEOPLE) assert.equal(bytes.includes(user), false, "the file is sealed");

    await takeAnswer(pageB, sealed);
    // The page is closed, and the transfer goes on without it.
    await pageB.close();
    pageB = await transferPage(b);
    await reads(pageB, /waits for your review/);
    await press(pageB, /^go on: move in from another computer$/);
    await reads(pageB, /new \(3\)/);
    for (const user of PEOPLE) await reads(pageB, new RegExp(user.replace(".", "\\.")));
    await shot(pageB, "transfer-review");
    await press(pageB, /^store as chosen$/);
    await reads(pageB, /3 entries brought in/);
    await shot(pageB, "transfer-done");

    const summary = await readFile(await saved(b, pageB, folder, () => press(pageB, /^save the summary$/)), "utf8");
    for (const user of PEOPLE) assert.match(summary, new RegExp(`^- .*${user}.*New.*Bring in`, "m"));
    await press(pageB, /^finish$/);

    await siteB.bringToFront(); // no site behind another tab is answered
    for (const user of PEOPLE) {
      const seen = await attempt(siteB, "login", { user, allow: undefined });
      assert.deepEqual([seen.ok, seen.user], [true, user], JSON.stringify(seen));
    }
    await pageB.bringToFront();
  });

  await t.test("the same again changes nothing and says so", async () => {
    await press(pageA, /^finish$/);
    const asked = await makeRequest(b, pageB, folder);
    await takeAnswer(pageB, await answerRequest(a, pageA, folder, asked));
    await reads(pageB, /everything is here already/);
    await reads(pageB, /lin@example\.com/); // the list is there, and the button at rest
    await press(pageB, /^finish$/);
    await reads(pageB, /nothing was changed/);
    await press(pageB, /^finish$/);
    await reads(pageB, /moved in lately/);
  });

  await t.test("a file that was tampered with is refused, and nothing is stored", async () => {
    await press(pageA, /^finish$/);
    const asked = await makeRequest(b, pageB, folder);
    const sealed = await answerRequest(a, pageA, folder, asked);
    await writeFile(`${folder}/shorter`, (await readFile(sealed.file)).subarray(0, -40));
    await give(pageB, `${folder}/shorter`);
    await reads(pageB, /can't be used|that didn't work/);
    await press(pageB, /^back to the start$/);
  });

  await t.test("undo takes the import back", async () => {
    await reads(pageB, /moved in lately/);
    await press(pageB, /^undo this import$/);
    await press(pageB, /^undo it$/);
    await reads(pageB, /undone: \d+ entries moved to the trash/);
    const list = await b.bed.run("list");
    for (const user of PEOPLE) assert.equal(list.includes(user), false, `${user} is gone from B`);
    pageA = await again(a, pageA);
    assert.match(await a.bed.run("list"), /ada@example\.com/, "A keeps its own");
  });

  /** Makes a sealed file of what is chosen on A's page, which is in the review. */
  const seal = async secret => {
    await type(pageA, /^new passphrase$/, secret);
    // What is said of it moves the button below.
    await until(() => pageA.evaluate(() => document.querySelector("form .notice-good") !== null), "a verdict");
    await press(pageA, /^make the (backup|file)$/);
    await reads(pageA, /the file is ready/);
    const file = await saved(a, pageA, folder, () => press(pageA, /^save the file \(/));
    const bytes = await readFile(file);
    for (const user of PEOPLE) assert.equal(bytes.includes(user), false, "the file is sealed");
    return file;
  };

  /** Opens it on B's page; a backup with another passphrase first, since each try takes its time. */
  const openIt = async (file, secret) => {
    const backup = /backup/.test(file);
    await give(pageB, file);
    await type(pageB, /passphrase|password/, backup ? "not it" : secret);
    await press(pageB, /^open it$/);
    if (backup) {
      await reads(pageB, /try again/);
      await refill(pageB, "The backup's passphrase", secret);
      await press(pageB, /^try again$/);
    }
    await reads(pageB, /what would come in/);
  };

  const store = async user => {
    await press(pageB, /^(store as chosen|finish)$/);
    await reads(pageB, /it is in your vault|nothing was changed/);
    await press(pageB, /^finish$/);
    await siteB.bringToFront();
    const seen = await attempt(siteB, "login", { user });
    assert.deepEqual([seen.ok, seen.user], [true, user], JSON.stringify(seen));
    await pageB.bringToFront();
  };
  const secret = "seven unlikely herons over the quay";

  await t.test("an encrypted backup from A opens in B with its passphrase, and only with it", async () => {
    pageA = await again(a, pageA);
    pageB = await again(b, pageB);
    await press(pageA, /^choose: to an encrypted backup$/);
    await press(pageA, /^go on$/);
    await reads(pageA, /3 entries, 3 of them chosen/);
    const file = await seal(secret);
    await reads(pageA, /the backup is made/);
    assert.doesNotMatch(await pageA.evaluate(() => document.body.innerText), /what stays here/i);
    await press(pageB, /^choose: from a backup$/);
    await openIt(file, secret);
    await reads(pageB, /lin@example\.com/);
    await store(PEOPLE[0]);
  });

  await t.test(
    "of what A chooses for KeePass nothing else leaves; its original waits until it has arrived",
    async () => {
      pageA = await again(a, pageA);
      await press(pageA, /^choose: to another manager$/);
      await press(pageA, /^keepass/, undefined, "label");
      await press(pageA, /^go on$/);
      await reads(pageA, /3 entries, 3 of them chosen/);
      await press(pageA, /^choose none$/);
      await reads(pageA, /you have chosen nothing/);
      await refill(pageA, "Search", "grace");
      await key(pageA, "Enter"); // starts nothing
      await reads(pageA, /1 entry, 0 of them chosen/);
      assert.doesNotMatch(await pageA.evaluate(() => document.body.innerText), /choose a passphrase for the file/i);
      await press(pageA, /^choose these$/);
      await reads(pageA, /what goes\s+1 passkey/);
      await shot(pageA, "transfer-chosen");
      const file = await seal(secret);
      await reads(pageA, /what stays here/);
      await press(pageA, /^ask me again later$/);
      await reads(pageA, /everything stays here for now/);

      await press(pageB, /^choose: from another manager$/);
      await openIt(file, secret);
      await reads(pageB, /all \(1\)/);
      await reads(pageB, /grace@example\.com/); // the list is there, and the button at rest
      await store(PEOPLE[1]);

      pageA = await again(a, pageA);
      await reads(pageA, /did it arrive\?/);
      await press(pageA, /^it arrived: trash it here/);
      await press(pageA, /^move them to the trash$/);
      await reads(pageA, /1 entry moved to the trash/);
      const left = await a.bed.run("list");
      assert.deepEqual(
        PEOPLE.filter(user => left.includes(user)),
        [PEOPLE[0], PEOPLE[2]],
      );
    },
  );

  await t.test("A hands the rest to another app on its computer, after a warning and a second yes", async () => {
    pageA = await again(a, pageA);
    await press(pageA, /^choose: to an app on this computer$/);
    await reads(pageA, /no other app on this computer takes part yet/);
    const other = await testbed({ userDataDir: `${a.home}/chromium`, profile: "work" });
    await other.run("provide", a.bed.testbed);
    await press(pageA, /^look again$/);
    await press(pageA, /^choose: keyferry/);
    await reads(pageA, /2 entries, 2 of them chosen/);
    await reads(pageA, /you have not exchanged anything with this app before/);
    await press(pageA, /^hand it over$/);
    await reads(pageA, /say that you know this program/);
    await press(pageA, /^i know this program/, undefined, "label");
    await shot(pageA, "transfer-app");
    await press(pageA, /^hand it over$/);
    await reads(pageA, /the other app has it/, 60_000);
    await reads(pageA, /it took 2 entries/);
    await shot(pageA, "transfer-app-done");
    await press(pageA, /^keep it here$/);
    await reads(pageA, /everything stays in this vault, too/);
    const theirs = await other.run("list");
    for (const user of [PEOPLE[0], PEOPLE[2]]) assert.ok(theirs.includes(user), `${user} is in the other vault`);
    assert.ok((await a.bed.run("list")).includes(PEOPLE[0]), "and stays here");
  });

  await t.test("without encryption only after a warning and a second yes", async () => {
    pageA = await again(a, pageA);
    await press(pageA, /^choose: to another manager$/);
    await press(pageA, /^another app that reads the standard/, undefined, "label");
    await press(pageA, /^go on$/);
    await reads(pageA, /say that you know what a file without encryption means/);
    await press(pageA, /^i know, and want it/, undefined, "label");
    await press(pageA, /^go on$/);
    await reads(pageA, /2 entries, 2 of them chosen/);
    await reads(pageA, /this file is not encrypted/);
    await press(pageA, /^make the file$/);
    await reads(pageA, /the file is ready/);
    const file = await saved(a, pageA, folder, () => press(pageA, /^save the file \(/));
    assert.match(file, /NOT-ENCRYPTED.*\.json$/);
    const names = JSON.parse(await readFile(file, "utf8")).accounts.flatMap(account =>
      account.items.flatMap(item => item.credentials.map(c => c.username)),
    );
    assert.deepEqual(names.sort(), [PEOPLE[0], PEOPLE[2]]);
  });

  const keepass = await run("keepassxc-cli", ["--version"]).then(
    () => true,
    () => false,
  );
  await t.test("a KeePass database opens with its key file", { skip: !keepass && "no keepassxc-cli" }, async () => {
    const [database, keyFile] = [`${folder}/mine.kdbx`, `${folder}/mine.keyx`];
    await run("keepassxc-cli", ["db-create", "-q", "-t", "100", "--set-key-file", keyFile, database]);
    await run("keepassxc-cli", ["add", "-q", "--no-password", "-k", keyFile, "-u", "ann", database, "Harbour"]);
    pageA = await again(a, pageA);
    await press(pageA, /^choose: from another manager$/);
    await give(pageA, database);
    await type(pageA, /the file's password/, "not it");
    await press(pageA, /^open it$/);
    await reads(pageA, /does not open the file/);
    await press(pageA, /^it needs a key file$/);
    await give(pageA, keyFile);
    await press(pageA, /^it has no password/, undefined, "label");
    await press(pageA, /^try again$/);
    await reads(pageA, /new \(1\)/);
    await reads(pageA, /harbour/);
    await press(pageA, /^store as chosen$/);
    await reads(pageA, /1 entry brought in/);
  });

  await t.test("a readable file that was brought is deleted when it is pointed at, and no other", async () => {
    pageA = await again(a, pageA);
    const csv = "name,url,username,password,note\nMail,https://mail.example/,ann,correct horse,\n";
    await writeFile(`${folder}/chrome.csv`, csv);
    await bringIn(pageA, `${folder}/chrome.csv`, 1);
    await reads(pageA, /chrome\.csv is not encrypted/);
    // The browser's dialog can't be driven: it stands for a folder of the page's own, whose files are real.
    const pick = (name, text) =>
      pageA.evaluate(
        async ([name, text]) => {
          const home = await navigator.storage.getDirectory();
          const file = await home.getFileHandle(name, { create: true });
          const writer = await file.createWritable();
          await writer.write(text);
          await writer.close();
          globalThis.showOpenFilePicker = async () => [file];
        },
        [name, text],
      );
    const files = () =>
      pageA.evaluate(async () => {
        const names = [];
        for await (const name of (await navigator.storage.getDirectory()).keys()) names.push(name);
        return names;
      });
    await pick("other.csv", csv);
    await press(pageA, /^choose it and delete it$/);
    await reads(pageA, /another file than the one that you brought/);
    assert.deepEqual(await files(), ["other.csv"]);
    await pick("chrome.csv", csv);
    await press(pageA, /^choose it and delete it$/);
    await reads(pageA, /the file is deleted/);
    assert.deepEqual(await files(), ["other.csv"]);
  });
});

/** A fresh page at the start, with nothing under way. */
async function again(browser, old) {
  await old.close();
  return transferPage(browser);
}
