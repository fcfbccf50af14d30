// What the tests of moving do on the transfer page, and where their pictures go.
import { mkdir } from "node:fs/promises";
import { after, run } from "./browsers.mjs";
import { IDS, ROOT } from "./host.mjs";
import { press, reads, type } from "./person.mjs";

/** Where the tests save what they saw. */
export const SHOTS = `${ROOT}build/e2e`;
await mkdir(SHOTS, { recursive: true });

const ADDRESS = `chrome-extension://${IDS.test.chromeId}/ui/transfer/index.html`;

/** Chromium's transfer page at its start, saving by downloads: the browser's own dialog can't be driven. */
export async function transferPage(browser) {
  const page = await browser.newPage();
  await page.addInitScript(() => {
    delete globalThis.showSaveFilePicker;
  });
  await page.goto(ADDRESS);
  await reads(page, /move out/);
  return page;
}

export const give = (page, file) => page.setInputFiles("input[type=file]", file);

export const shot = (page, name) => page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });

/** Brings in another manager's file with everything as proposed. Resolves when it is stored. */
export async function bringIn(page, file, count) {
  await press(page, /^choose: from another manager$/);
  await give(page, file);
  await reads(page, new RegExp(`new \\(${count}\\)`));
  await reads(page, new RegExp(`${count} entries`)); // the list is there, and the button at rest
  await press(page, /^store as chosen$/);
  await reads(page, new RegExp(`${count} entries brought in`));
}

/** Hands everything to another app of this computer, by what it is called there, which is warned of the first time. */
export async function handOver(page, called, passphrase, picture) {
  await press(page, /^choose: to an app on this computer$/);
  await press(page, called);
  await reads(page, /who receives it/);
  await reads(page, /\d entries/); // the list is there, and what is below it at rest
  const sure = page.getByLabel(/I know this program/);
  if (await sure.isVisible()) await sure.check();
  // There is no display for Keyferry's dialog here, so that the page asks.
  await type(page, /^your passphrase$/, passphrase);
  if (picture) await shot(page, picture);
  await press(page, /^hand it over$/);
}

/** Answers the request in a file by a sealed file. `groups` are the request's six. */
export async function answerRequest(page, request, groups, passphrase, file, { wrongFirst = false } = {}) {
  await press(page, /^choose: to another computer$/);
  await give(page, request);
  await press(page, /^go on$/);
  await reads(page, /\d entries/);
  await type(page, /^your passphrase$/, passphrase);
  if (wrongFirst) {
    await typeGroups(page, Array(6).fill("0000"));
    await press(page, /^make the file$/);
    await reads(page, /the groups are not those/);
  }
  await typeGroups(page, groups);
  await press(page, /^make the file$/);
  await reads(page, /the file is ready/);
  const [download] = await Promise.all([page.waitForEvent("download"), press(page, /^save the file \(/)]);
  await download.saveAs(file);
  await reads(page, /the file is made/);
}

/** Types the groups that the page asks for. */
export async function typeGroups(page, groups) {
  await reads(page, /type these three/);
  const asked = await page.evaluate(() =>
    [...document.querySelectorAll(".group-fields label span")].map(s => Number(/\d/.exec(s.textContent)[0])),
  );
  for (const n of asked) await page.getByLabel(`Group ${n}`, { exact: true }).fill(groups[n - 1]);
}

/** The example of cxp/localexchange as an app beside a testbed, with a vault of its own: a CXF document at `file`. */
export async function exampleProvider(t, folder, providers) {
  const program = `${folder}/example`;
  const file = `${folder}/example.json`;
  await run("go", ["build", "-o", program, "./cxp/localexchange/example"], { cwd: ROOT });
  const env = { ...process.env, XDG_DATA_HOME: folder };
  await run(program, ["--yes", file, "register"], { env });
  await mkdir(providers, { recursive: true, mode: 0o700 });
  await run("cp", [`${folder}/credential-exchange/providers/example.invalid.json`, providers]);
  after(t, () => run("rm", ["-f", program]));
  return { name: "example.invalid", file };
}
