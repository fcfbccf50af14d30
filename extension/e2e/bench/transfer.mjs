// Whether the transfer page stays responsive: its longest task while 10,000 passkeys come in, are looked through and
// chosen from, and go out again into a backup.
import { writeFile } from "node:fs/promises";
import { until } from "../lib/browsers.mjs";
import { makeDocument } from "../lib/document.mjs";
import { press, reads, type } from "../lib/person.mjs";
import { give, refill, saved, transferPage } from "../lib/transfer-page.mjs";
import { ms, plain } from "./figures.mjs";
import { canBeSeen, longestTask } from "./tasks.mjs";

const MANY = 10_000;
const PATIENCE = 300_000;

/** The vault holds what the other figures left in it, too. */
const ALL = /\b(1\d,\d{3}) entries, \1 of them chosen/;

/** What a person takes for an answer at once. */
const MARK = 50;

export async function transferFigures(browser, folder) {
  const { document } = makeDocument({ passkeys: MANY, items: 0 });
  const file = `${folder}/many.json`;
  await writeFile(file, JSON.stringify(document));

  const page = await transferPage(browser);
  await canBeSeen(browser, page, MARK);
  const arriving = await longestTask(browser, () => moveIn(browser, page, folder, file));
  const leaving = await longestTask(browser, () => moveOut(browser, page, folder));
  await page.close();
  const row = (way, { wall, cpu }) =>
    plain(`longest task of the transfer page, 10,000 passkeys moving ${way} (${ms(cpu)} of CPU time)`, wall, MARK, ms);
  return [row("in", arriving), row("out", leaving)];
}

async function moveIn(browser, page, folder, file) {
  await press(page, /^choose: from another manager$/);
  await give(page, file);
  await reads(page, /new \(10,000\)/, PATIENCE);
  await reads(page, /10,000 entries/);
  await refill(page, "Search", "person77");
  await reads(page, /\b\d{2,4} entries/);
  await refill(page, "Search", " ");
  await reads(page, /10,000 entries/);
  await press(page, /^store as chosen$/);
  await reads(page, /10,000 entries brought in/, PATIENCE);
  await saved(browser, page, folder, () => press(page, /^save the summary$/));
  await press(page, /^finish$/);
}

async function moveOut(browser, page, folder) {
  await press(page, /^choose: to an encrypted backup$/);
  await press(page, /^go on$/);
  await reads(page, ALL, PATIENCE);
  await press(page, /^next 25$/);
  await reads(page, /26 to 50 of/);
  await press(page, /^choose none$/);
  await reads(page, /\b0 of them chosen/);
  await press(page, /^choose all$/);
  await reads(page, ALL);
  await type(page, /^new passphrase$/, "seven unlikely herons over the quay");
  await until(() => page.evaluate(() => document.querySelector("form .notice-good") !== null), "a verdict");
  await press(page, /^make the backup$/);
  await reads(page, /the file is ready/, PATIENCE);
  await saved(browser, page, folder, () => press(page, /^save the file \(/));
  await reads(page, /the backup is made/);
}
