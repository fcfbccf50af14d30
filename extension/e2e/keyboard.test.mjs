// Moving by keys alone, in both browsers: a file with a conflict in, and undone; an answer to a request in; a move out to
// another computer; an exchange that is cancelled while it runs. After each step the focus is somewhere sensible and
// visible, and who can't see the page hears what goes on.
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { temporaryFolder, until } from "./lib/browsers.mjs";
import { makeDocument } from "./lib/document.mjs";
import { testbed } from "./lib/host.mjs";
import { chooseFile, focused, goTo, lands, listen, pressKey } from "./lib/keyboard.mjs";
import { key, reads } from "./lib/person.mjs";
import { KINDS, open } from "./lib/signed-in.mjs";
import { saved, transferPage } from "./lib/transfer-page.mjs";

/** The first `n` of what a document holds, and it as text. */
function some(document, ...numbers) {
  const [account] = document.accounts;
  const items = numbers.map(n => account.items[n]);
  return JSON.stringify({ ...document, accounts: [{ ...account, collections: [], items }] });
}

/** An app that greets and then says nothing more, and ends with what it listens to. */
async function silentApp(folder, providers) {
  const script = `${folder}/silent.sh`;
  const hello = JSON.stringify({
    type: "hello",
    version: 1,
    rpId: "silent.invalid",
    displayName: "Silent",
    role: "exporter",
  });
  const length = `\\${hello.length.toString(8)}\\000\\000\\000`;
  await writeFile(script, `printf '${length}%s' '${hello}'\nexec cat >/dev/null\n`, { mode: 0o600 });
  const registration = { version: 1, rpId: "silent.invalid", displayName: "Silent", roles: ["exporter"] };
  await mkdir(providers, { recursive: true, mode: 0o700 });
  const text = JSON.stringify({ ...registration, command: ["/bin/sh", script] });
  await writeFile(`${providers}/silent.invalid.json`, text, { mode: 0o600 });
}

/** Waits until the agent has taken what was chosen in the list that has the focus: it shows it only then. */
const chosen = (page, choice) =>
  until(() => page.evaluate(() => document.activeElement.value).then(now => now === choice), `“${choice}” to be taken`);

/** Types the three groups that are asked for; the focus is in the first field already. */
async function typeGroups(page, groups) {
  for (let n = 0; n < 3; n++) {
    if (n > 0) await key(page, "Tab");
    const { name } = await focused(page);
    await page.keyboard.type(groups[/^Group (\d)$/.exec(name)[1] - 1]);
  }
}

for (const kind of KINDS)
  test(`${kind}: by keys alone`, async t => {
    const folder = await temporaryFolder(t);
    const browser = await open(t, kind, { keepWelcome: kind === "firefox" });
    const { bed, home } = browser;
    const other = await testbed({
      ...(kind === "firefox" ? { firefoxHome: home } : { userDataDir: `${home}/chromium` }),
      profile: "b",
    });
    const { document } = makeDocument({ passkeys: 14, items: 0 });
    const [{ items }] = document.accounts;
    const file = `${folder}/elsewhere.json`;
    await writeFile(file, some(document, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
    // The same passkey as the first one, with another key: a conflict.
    await writeFile(
      `${folder}/mine.json`,
      some(document, 0).replace(items[0].credentials[0].key, items[13].credentials[0].key),
    );
    await bed.run("cxf", "import", "--yes", `${folder}/mine.json`);
    await writeFile(`${folder}/others.json`, some(document, 12));
    await other.run("cxf", "import", "--yes", `${folder}/others.json`);
    await silentApp(folder, `${bed.testbed}/providers`);
    const holds = async () =>
      [...(await bed.run("list")).matchAll(/person(\d+)@/g)].map(([, n]) => Number(n)).sort((a, b) => a - b);
    const page = await transferPage(browser);
    const { hears } = await listen(page);

    await t.test("a file comes in, after a search, a choice and a conflict", async () => {
      await pressKey(page, /^Choose: From another manager$/);
      await lands(page, /^Move in from another manager$/);
      await goTo(page, /^The other manager's file$/);
      await chooseFile(page, file);
      await lands(page, /^What would come in$/);
      await reads(page, /person0@example\.com/); // the list begins with what needs an eye
      await goTo(page, /^What to do with/);
      await key(page, "ArrowDown");
      await chosen(page, "take");
      await pressKey(page, /^All \(12\)$/, { back: true, by: " " });
      await reads(page, /12 entries/);
      await pressKey(page, /^Go past the list$/);
      await lands(page, /^Store as chosen$/);
      await goTo(page, /^Search$/, { back: true });
      await page.keyboard.type("person2");
      await reads(page, /\b1 entry/);
      await hears(/^1 entry$/);
      await goTo(page, /^What to do with.*person2/);
      await key(page, "ArrowDown");
      await chosen(page, "keep");
      await pressKey(page, /^Store as chosen$/);
      await lands(page, /^It is in your vault$/);
      await hears(/10 entries brought in, 1 entry replaced/);
      assert.deepEqual(await holds(), [0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    });

    await t.test("and is taken back", async () => {
      await pressKey(page, /^Undo this import$/);
      await lands(page, /^Undo this import\?$/);
      await pressKey(page, /^Undo it$/);
      await hears(/Undone: /);
      await lands(page, /./);
      assert.deepEqual(await holds(), [0]);
      await pressKey(page, /^Finish$/);
      await lands(page, /^Move in or out$/);
    });

    await t.test("the answer to a request comes in, with its groups typed", async () => {
      await pressKey(page, /^Choose: From another computer$/);
      await lands(page, /^Move in from another computer$/);
      await goTo(page, /^Make the request and save it$/);
      const request = await saved(browser, page, folder, () => key(page, "Enter"));
      await reads(page, /the request is in your downloads/);
      await lands(page, /^1\. Make a request$/);
      const args = ["--json", "cxp", "export", "--request", request, "--out", `${folder}/answer`];
      const { fingerprint } = JSON.parse(await other.run(...args));
      await goTo(page, /^Answer file$/);
      await chooseFile(page, `${folder}/answer`);
      await lands(page, /^Group \d$/);
      await typeGroups(page, fingerprint.split("-"));
      await key(page, "Enter");
      await lands(page, /^What would come in$/);
      await reads(page, /person12@example\.com/);
      await pressKey(page, /^Store as chosen$/);
      await lands(page, /^It is in your vault$/);
      assert.deepEqual(await holds(), [0, 12]);
      await pressKey(page, /^Finish$/);
      await lands(page, /^Move in or out$/);
    });

    await t.test("one entry goes to another computer", async () => {
      const args = ["--json", "cxp", "request", "--out", `${folder}/request`];
      const { fingerprint } = JSON.parse(await other.run(...args));
      await pressKey(page, /^Choose: To another computer$/);
      await lands(page, /^Move out to another computer$/);
      await goTo(page, /^Request file$/);
      await chooseFile(page, `${folder}/request`);
      await pressKey(page, /^Go on$/);
      await lands(page, /^What goes$/);
      await reads(page, /2 entries, 2 of them chosen/);
      await pressKey(page, /person12@example\.com/, { by: " " });
      await hears(/2 entries, 1 of them chosen/);
      await goTo(page, /^Group \d$/);
      await typeGroups(page, fingerprint.split("-"));
      await key(page, "Enter"); // here Keyferry's own dialog takes over; a test build grants
      await lands(page, /^The file is ready$/);
      await goTo(page, /^Save the file \(/);
      const answer = await saved(browser, page, folder, () => key(page, "Enter"));
      await lands(page, /^The file is made$/);
      await hears(/1 passkey/);
      await other.run("cxp", "import", "--yes", "--response", answer);
      assert.match(await other.run("list"), /person0@/);
      await pressKey(page, /^Finish$/);
      await lands(page, /^Move in or out$/);
    });

    await t.test("an exchange is cancelled while it runs", async () => {
      await pressKey(page, /^Choose: From an app on this computer$/);
      await lands(page, /^Move in from an app on this computer$/);
      await reads(page, /calls itself silent\.invalid/);
      await pressKey(page, /^Choose: Silent$/);
      await lands(page, /^Who gives it$/);
      await pressKey(page, /^I know this program/, { by: " " });
      await pressKey(page, /^Ask it$/);
      await hears(/^Waiting for Silent/);
      await lands(page, /^Move in from Silent$/);
      await pressKey(page, /^Cancel$/);
      await lands(page, /^Move in or out$/);
      await hears(/^Cancelled/);
      assert.deepEqual(await holds(), [0, 12]);
    });
  });
