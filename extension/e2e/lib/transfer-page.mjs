// What the tests of moving do on the transfer page, in either browser, and where their pictures go.
import assert from "node:assert/strict";
import { mkdir, readdir, rename, stat } from "node:fs/promises";
import { after, ask, run, until } from "./browsers.mjs";
import { IDS, ROOT } from "./host.mjs";
import { press, reads } from "./person.mjs";

/** Where the tests save what they saw. */
export const SHOTS = `${ROOT}build/e2e`;
await mkdir(SHOTS, { recursive: true });

const PATH = "ui/transfer/index.html";

/**
 * The transfer page at its start, saving by downloads: the browser's own dialog can't be driven. Firefox has to be opened
 * with `keepWelcome`, since its driver opens no page of an extension; a page of ours does.
 */
export async function transferPage(browser, chromeId = IDS.test.chromeId) {
  if (browser.kind === "firefox") return firefoxPage(browser);
  const page = await browser.newPage();
  await page.addInitScript(() => {
    delete globalThis.showSaveFilePicker;
  });
  await page.goto(`chrome-extension://${chromeId}/${PATH}`);
  await reads(page, /move out/);
  return page;
}

async function firefoxPage(browser) {
  const before = new Set(await browser.pages());
  await browser.welcome.evaluate(path => {
    globalThis.browser.tabs.create({ url: globalThis.browser.runtime.getURL(path) });
  }, PATH);
  const page = await until(async () => {
    for (const one of await browser.pages())
      if (!before.has(one) && (await ask(one, () => location.pathname))?.endsWith(PATH)) return one;
    return undefined;
  }, "Firefox's transfer page");
  await reads(page, /move out/);
  return page;
}

/** Hands a file to the page's first file field. */
export async function give(page, file) {
  if (page.setInputFiles) return page.setInputFiles("input[type=file]", file);
  const field = await until(() => page.$("input[type=file]"), "a file field");
  return field.uploadFile(file);
}

/** Does what makes the page download a file, and keeps it in `folder`. Resolves to its path. */
export async function saved(browser, page, folder, act) {
  if (browser.kind === "firefox") {
    const had = new Set(await downloads(browser.home));
    await act();
    const name = await until(
      async () => {
        for (const one of await downloads(browser.home))
          if (!had.has(one) && !one.endsWith(".part") && (await complete(browser.home, one))) return one;
        return undefined;
      },
      "a download",
      60_000,
    );
    const file = `${folder}/${Date.now()}-${name}`;
    await rename(`${browser.home}/Downloads/${name}`, file);
    return file;
  }
  const [download] = await Promise.all([page.waitForEvent("download", { timeout: 60_000 }), act()]);
  const file = `${folder}/${Date.now()}-${download.suggestedFilename()}`;
  await download.saveAs(file);
  return file;
}

const downloads = home => readdir(`${home}/Downloads`).catch(() => []);

/** Firefox makes the file at once and puts a .part beside it until all of it is there. */
async function complete(home, name) {
  const folder = `${home}/Downloads`;
  const list = await readdir(folder);
  return !list.some(one => one.endsWith(".part")) && (await stat(`${folder}/${name}`)).size > 0;
}

/** Types into the field whose label is `label`, over what stands there. */
export async function refill(page, label, text) {
  await until(
    () =>
      ask(
        page,
        name => {
          const field = [...document.querySelectorAll("input")].find(i =>
            [...(i.labels ?? [])].some(l => l.innerText.trim() === name),
          );
          field?.focus();
          field?.select();
          return field !== undefined;
        },
        label,
      ),
    `a field “${label}”`,
  );
  await page.keyboard.type(text);
}

export const shot = (page, name) => page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });

/** Brings in another manager's file with everything as proposed. Resolves when it is stored. */
export async function bringIn(page, file, count, ms) {
  const number = count.toLocaleString("en");
  const entries = count === 1 ? "1 entry" : `${number} entries`;
  await press(page, /^choose: from another manager$/);
  await give(page, file);
  await reads(page, new RegExp(`new \\(${number}\\)`), ms);
  await reads(page, new RegExp(entries)); // the list is there, the button at rest
  await press(page, /^store as chosen$/);
  await reads(page, new RegExp(`${entries} brought in`), ms);
}

/** Hands everything to another app of this computer, by what it is called there, which is warned of the first time. */
export async function handOver(page, called, picture) {
  await press(page, /^choose: to an app on this computer$/);
  await press(page, called);
  await reads(page, /who receives it/);
  await reads(page, /\d entries/); // the list is there, and what is below it at rest
  const sure = page.getByLabel(/I know this program/);
  if (await sure.isVisible()) await sure.check();
  if (picture) await shot(page, picture);
  await press(page, /^hand it over$/);
}

/** The six groups that the page shows. */
const shownGroups = page =>
  until(async () => {
    const groups = await page.evaluate(() =>
      [...(document.querySelector(".groups")?.querySelectorAll("code") ?? [])].map(c => c.textContent),
    );
    return groups.length === 6 ? groups : undefined;
  }, "six groups");

/** Types the three groups that the page asks for, as `groups` (all six) has them. */
async function typeGroups(page, groups) {
  await reads(page, /type these three/);
  const asked = await page.evaluate(() =>
    [...document.querySelectorAll(".group-fields label span")].map(s => Number(/\d/.exec(s.textContent)[0])),
  );
  assert.equal(new Set(asked).size, 3, `three different groups: ${asked}`);
  for (const n of asked) await refill(page, `Group ${n}`, groups[n - 1]);
}

/** Asks for what another computer has. Resolves to the request's file and its groups. */
export async function makeRequest(browser, page, folder) {
  await press(page, /^choose: from another computer$/);
  await reads(page, /make a request/);
  const make = /^make (the request and save it|another request)$/;
  const file = await saved(browser, page, folder, () => press(page, make));
  return { file, groups: await shownGroups(page) };
}

/** Answers a request with everything that is here. Resolves to the sealed file and its groups. */
export async function answerRequest(browser, page, folder, asked, { wrongFirst = false, picture } = {}) {
  await press(page, /^choose: to another computer$/);
  await give(page, asked.file);
  await press(page, /^go on$/);
  await reads(page, /([\d,]+) (entry|entries), \1 of them chosen/);
  if (wrongFirst) {
    await typeGroups(page, Array(6).fill("0000"));
    await press(page, /^make the file$/);
    await reads(page, /the groups are not those/);
  }
  await typeGroups(page, asked.groups);
  if (picture) await shot(page, picture);
  await press(page, /^make the file$/);
  await reads(page, /the file is ready/);
  const file = await saved(browser, page, folder, () => press(page, /^save the file \(/));
  await reads(page, /the file is made/);
  return { file, groups: await shownGroups(page) };
}

/** Gives the page that made a request its answer, up to the review. */
export async function takeAnswer(page, sealed) {
  await give(page, sealed.file);
  await typeGroups(page, sealed.groups);
  await press(page, /^open it$/);
  await reads(page, /what would come in/);
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
  return { name: "example.invalid", file, program };
}
