// `make bench`: the speed and size that Keyferry promises, as medians against floors of the same run, in one table.
// It never fails for a figure: a busy machine is no defect. What misses its mark says so.
import { cpus, release } from "node:os";
import { bridgeFigures } from "./bench/bridge.mjs";
import { roadFigures, windowFigures } from "./bench/chromium.mjs";
import { print } from "./bench/figures.mjs";
import { goFigures } from "./bench/go.mjs";
import { transferFigures } from "./bench/transfer.mjs";
import { after, CHROMIUM, run, temporaryFolder } from "./lib/browsers.mjs";
import { open, RELYING_PARTIES } from "./lib/signed-in.mjs";

const ending = [];
const t = { after: end => ending.push(end) };
const rows = [];
try {
  const folder = await temporaryFolder(t);
  const site = await RELYING_PARTIES["go-webauthn"]();
  after(t, site.close);
  const browser = await open(t, "chromium");
  rows.push(...(await roadFigures(browser, site)));
  rows.push(...(await windowFigures(browser, site)));
  rows.push(...(await bridgeFigures(browser.bed, folder)));
  await browser.bed.consent("allow"); // the window's figures had it ask
  rows.push(...(await transferFigures(browser, folder)));
  await browser.close();
  rows.push(...(await goFigures()));
} finally {
  for (const end of ending) await end();
}

const { stdout: chromium } = await run(CHROMIUM, ["--version"]);
const { stdout: go } = await run("go", ["version"]);
const [{ model }] = cpus();
console.log(`${model}, ${cpus().length} cores, Linux ${release()}; ${chromium.trim()}, headless; ${go.trim()}\n`);
print(rows);
