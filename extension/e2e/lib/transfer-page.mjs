// What the tests of moving do on the transfer page, and where their pictures go.
import { mkdir } from "node:fs/promises";
import { after, run } from "./browsers.mjs";
import { IDS, ROOT } from "./host.mjs";
import { press, reads } from "./person.mjs";

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
