// Moving between two computers by files, through the pages and with the real host: vault A in one browser answers the
// request of vault B in another; then B signs in where A registered. Wrong groups, a page that is closed in the middle,
// the same thing twice, undo, and a backup are on the way.
import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { after, temporaryFolder, until } from "./lib/browsers.mjs";
import { IDS, ROOT } from "./lib/host.mjs";
import { press, reads, type } from "./lib/person.mjs";
import { attempt, open, RELYING_PARTIES, visit } from "./lib/signed-in.mjs";

const PEOPLE = ["ada@example.com", "grace@example.com", "lin@example.com"];
const PAGE = `chrome-extension://${IDS.test.chromeId}/ui/transfer/index.html`;
const SHOTS = `${ROOT}build/e2e`;

/** The transfer page at its start, saving by downloads: the browser's own dialog can't be driven. */
async function transferPage(browser) {
  const page = await browser.newPage();
  await page.addInitScript(() => {
    delete globalThis.showSaveFilePicker;
  });
  await page.goto(PAGE);
  await reads(page, /move out/);
  return page;
}

/** Does what makes the page download a file, and keeps it in `folder`. */
async function saved(page, folder, act) {
  const [download] = await Promise.all([page.waitForEvent("download", { timeout: 30_000 }), act()]);
  const file = `${folder}/${Date.now()}-${download.suggestedFilename()}`;
  await download.saveAs(file);
  return file;
}

const give = (page, file) => page.setInputFiles("input[type=file]", file);

/** Types the groups that `page` asks for, as `groups` (all six) has them. */
async function typeGroups(page, groups) {
  await reads(page, /type these three/);
  const asked = await page.evaluate(() =>
    [...document.querySelectorAll(".group-fields label span")].map(s => Number(/\d/.exec(s.textContent)[0])),
  );
  assert.equal(new Set(asked).size, 3, `three different groups: ${asked}`);
  for (const n of asked) await page.getByLabel(`Group ${n}`, { exact: true }).fill(groups[n - 1]);
}

const shownGroups = page =>
  until(async () => {
    const groups = await page.evaluate(() =>
      [...(document.querySelector(".groups")?.querySelectorAll("code") ?? [])].map(c => c.textContent),
    );
    return groups.length === 6 ? groups : undefined;
  }, "six groups");

/** B asks. Resolves to the request's file and its groups. */
async function request(pageB, folder) {
  await press(pageB, /^choose: from another computer$/);
  await reads(pageB, /make a request/);
  const file = await saved(pageB, folder, () => press(pageB, /^make (the request and save it|another request)$/));
  return { file, groups: await shownGroups(pageB) };
}

/** A answers. Resolves to the sealed file and its groups. */
async function answer(pageA, folder, asked, { passphrase, wrongFirst = false }) {
  await press(pageA, /^choose: to another computer$/);
  await give(pageA, asked.file);
  await press(pageA, /^go on$/);
  // There is no display for Keyferry's dialog here, so that the page asks.
  await type(pageA, /^your passphrase$/, passphrase);
  if (wrongFirst) {
    await typeGroups(pageA, Array(6).fill("0000"));
    await press(pageA, /^make the file$/);
    await reads(pageA, /the groups are not those/);
  }
  await typeGroups(pageA, asked.groups);
  await pageA.screenshot({ path: `${SHOTS}/transfer-out.png`, fullPage: true });
  await press(pageA, /^make the file$/);
  await reads(pageA, /the file is ready/);
  const file = await saved(pageA, folder, () => press(pageA, /^save the file \(/));
  await reads(pageA, /the file is made/);
  return { file, groups: await shownGroups(pageA) };
}

/** B takes the answer, up to the review. */
async function take(pageB, sealed) {
  await give(pageB, sealed.file);
  await typeGroups(pageB, sealed.groups);
  await press(pageB, /^open it$/);
  await reads(pageB, /what would come in/);
}

test("two computers, by files", async t => {
  await mkdir(SHOTS, { recursive: true });
  const site = await RELYING_PARTIES["go-webauthn"]();
  after(t, site.close);
  const folder = await temporaryFolder(t);
  const a = await open(t, "chromium");
  const b = await open(t, "chromium");
  const siteA = await visit(a, site.origin);
  for (const user of PEOPLE) assert.equal((await attempt(siteA, "register", { user })).ok, true);
  const siteB = await visit(b, site.origin);
  let pageA = await transferPage(a);
  let pageB = await transferPage(b);
  const known = { passphrase: a.bed.passphrase };

  await t.test("what A registered signs in with B", async () => {
    const asked = await request(pageB, folder);
    const sealed = await answer(pageA, folder, asked, { ...known, wrongFirst: true });
    const bytes = await readFile(sealed.file);
    for (const user of PEOPLE) assert.equal(bytes.includes(user), false, "the file is sealed");

    await take(pageB, sealed);
    // The page is closed, and the transfer goes on without it.
    await pageB.close();
    pageB = await transferPage(b);
    await reads(pageB, /waits for your review/);
    await press(pageB, /^go on: move in from another computer$/);
    await reads(pageB, /new \(3\)/);
    for (const user of PEOPLE) await reads(pageB, new RegExp(user.replace(".", "\\.")));
    await pageB.screenshot({ path: `${SHOTS}/transfer-review.png`, fullPage: true });
    await press(pageB, /^store as chosen$/);
    await reads(pageB, /3 entries brought in/);
    await pageB.screenshot({ path: `${SHOTS}/transfer-done.png`, fullPage: true });

    const summary = await readFile(await saved(pageB, folder, () => press(pageB, /^save the summary$/)), "utf8");
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
    const asked = await request(pageB, folder);
    await take(pageB, await answer(pageA, folder, asked, known));
    await reads(pageB, /everything is here already/);
    await reads(pageB, /lin@example\.com/); // the list is there, and the button at rest
    await press(pageB, /^finish$/);
    await reads(pageB, /nothing was changed/);
    await press(pageB, /^finish$/);
    await reads(pageB, /moved in lately/);
  });

  await t.test("a file that was tampered with is refused, and nothing is stored", async () => {
    await press(pageA, /^finish$/);
    const asked = await request(pageB, folder);
    const sealed = await answer(pageA, folder, asked, known);
    await pageB.setInputFiles("input[type=file]", {
      name: "answer",
      mimeType: "application/octet-stream",
      buffer: (await readFile(sealed.file)).subarray(0, -40),
    });
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

  for (const [name, door, doorIn, pick] of [
    ["an encrypted backup", /^choose: to an encrypted backup$/, /^choose: from a backup$/, undefined],
    ["a file for KeePass", /^choose: to another manager$/, /^choose: from another manager$/, /keepass/i],
  ])
    await t.test(`${name} from A opens in B with its passphrase, and only with it`, async () => {
      const secret = "seven unlikely herons over the quay";
      pageA = await again(a, pageA);
      pageB = await again(b, pageB);
      await press(pageA, door);
      if (pick) await pageA.getByLabel(pick).first().check();
      await press(pageA, /^go on$/);
      await type(pageA, /^your passphrase$/, a.bed.passphrase);
      await type(pageA, /^new passphrase$/, secret);
      await press(pageA, /^make the (backup|file)$/);
      await reads(pageA, /the file is ready/);
      const file = await saved(pageA, folder, () => press(pageA, /^save the file \(/));
      const bytes = await readFile(file);
      for (const user of PEOPLE) assert.equal(bytes.includes(user), false, "the file is sealed");

      await press(pageB, doorIn);
      await give(pageB, file);
      await type(pageB, /passphrase|password/, "not it");
      await press(pageB, /^open it$/);
      await until(() => pageB.getByRole("button", { name: "Try again" }).isVisible(), "the agent's no");
      await type(pageB, /passphrase|password/, secret);
      await press(pageB, /^try again$/);
      await reads(pageB, /what would come in/);
      await reads(pageB, /lin@example\.com/);
      await press(pageB, /^(store as chosen|finish)$/);
      await reads(pageB, /it is in your vault|nothing was changed/);
      await press(pageB, /^finish$/);

      await siteB.bringToFront();
      const seen = await attempt(siteB, "login", { user: PEOPLE[0] });
      assert.deepEqual([seen.ok, seen.user], [true, PEOPLE[0]], JSON.stringify(seen));
      await pageB.bringToFront();
    });
});

/** A fresh page at the start, with nothing under way. */
async function again(browser, old) {
  await old.close();
  return transferPage(browser);
}
