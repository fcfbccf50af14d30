// Draws ../icons/SIZE.png from icon.svg with the browser that the tests use; run it after changing the drawing:
// `node manifest/icons.mjs`. The results are committed, so that a build needs no browser.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { chromium } from "playwright-core";

const SIZES = [16, 32, 48, 128];
const here = new URL(".", import.meta.url);
const svg = await readFile(new URL("icon.svg", here), "utf8");
const out = new URL("../icons/", here);
await mkdir(out, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
});
const page = await browser.newPage();
for (const size of SIZES) {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(`<style>*{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`);
  await writeFile(new URL(`${size}.png`, out), await page.screenshot({ omitBackground: true }));
}
await browser.close();
