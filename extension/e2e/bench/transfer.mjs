// Whether the transfer page stays responsive: its longest task while 10,000 passkeys come in, are looked through and
// chosen from, and go out again into a backup.
import { writeFile } from "node:fs/promises";
import { until } from "../lib/browsers.mjs";
import { makeDocument } from "../lib/document.mjs";
import { press, reads, type } from "../lib/person.mjs";
import { give, refill, saved, transferPage } from "../lib/transfer-page.mjs";
import { ms, plain } from "./figures.mjs";

const MANY = 10_000;
const PATIENCE = 300_000;

/** Runs in the page: notes every task of more than 50 ms, which is what the browser calls long. */
function watch() {
  globalThis.tasks = [];
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) globalThis.tasks.push(entry.duration);
  }).observe({ type: "longtask" });
}

const longest = page => page.evaluate(() => Math.max(0, ...globalThis.tasks));

export async function transferFigures(browser, folder) {
  const { document } = makeDocument({ passkeys: MANY, items: 0 });
  const file = `${folder}/many.json`;
  await writeFile(file, JSON.stringify(document));

  const page = await transferPage(browser);
  await page.evaluate(watch);
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
  const arriving = await longest(page);

  await press(page, /^choose: to an encrypted backup$/);
  await press(page, /^go on$/);
  await reads(page, /10,000 of them chosen/, PATIENCE);
  await press(page, /^next 25$/);
  await reads(page, /26 to 50 of/);
  await press(page, /^choose none$/);
  await reads(page, /\b0 of them chosen/);
  await press(page, /^choose all$/);
  await reads(page, /10,000 of them chosen/);
  await type(page, /^new passphrase$/, "seven unlikely herons over the quay");
  await until(() => page.evaluate(() => document.querySelector("form .notice-good") !== null), "a verdict");
  await press(page, /^make the backup$/);
  await reads(page, /the file is ready/, PATIENCE);
  await saved(browser, page, folder, () => press(page, /^save the file \(/));
  await reads(page, /the backup is made/);
  const leaving = await longest(page);
  await page.close();
  return [
    plain("longest task of the transfer page, 10,000 passkeys moving in", arriving, 50, ms),
    plain("longest task of the transfer page, 10,000 passkeys moving out", leaving, 50, ms),
  ];
}
