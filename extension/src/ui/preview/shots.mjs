// Renders every page in every state with made-up answers, checks each with axe-core, and takes its picture:
//
//   node src/ui/preview/shots.mjs [--only TEXT] [--out DIR] [--widths 320,440,1200] [--schemes light,dark] [--no-pictures] [--serve]
//
// Pictures go to ../build/preview/. It fails when axe finds anything, when a page logs an error or breaks the
// extension's content security policy, or when it can be scrolled sideways. --no-pictures checks without taking any, --serve only serves the states to look at.

import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { root, serve } from "./serve.mjs";

const { values: args } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    out: { type: "string", default: join(root, "../build/preview") },
    widths: { type: "string", default: "320,440,1200" },
    schemes: { type: "string", default: "light,dark" },
    "no-pictures": { type: "boolean", default: false },
    serve: { type: "boolean", default: false },
    chromium: { type: "string", default: "/usr/bin/chromium" },
  },
});
const { STATES, pages, address, base, close } = await serve();

if (args.serve) {
  console.log(`States at ${base}/ (Ctrl+C ends)`);
  await new Promise(() => {});
}

const axe = await readFile(join(root, "node_modules/axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({ executablePath: args.chromium, args: ["--no-sandbox"] });
const faults = [];
let count = 0;

/** The approve window swallows what comes too early: wait until it listens, where it ever does. */
async function listening(page, state) {
  if (state.page !== "approve" || state.early) return;
  await page.waitForSelector("[data-act]:not([aria-disabled=true])", { timeout: 2000 }).catch(() => {});
}

async function act(page, step) {
  if ("wait" in step) await page.waitForTimeout(step.wait);
  else if ("entry" in step) await page.locator("button.entry").nth(step.entry).click();
  else if ("key" in step) await page.keyboard.press(step.key);
  else if ("fill" in step) await page.getByLabel(step.fill[0], { exact: true }).fill(step.fill[1]);
  else
    await page
      .getByRole("button", { name: step.press, exact: true })
      .or(page.getByLabel(step.press, { exact: true }))
      .or(page.locator("summary, label").getByText(step.press, { exact: true }))
      .first()
      .click();
  await page.waitForTimeout(60);
}

/** A page that looks at one state after another: a new one for each would cost more than all that is looked at. */
async function newLooker() {
  const page = await (await browser.newContext()).newPage();
  const looker = { page, say: () => {} };
  page.on("pageerror", error => looker.say(`error: ${error.message}`));
  page.on(
    "console",
    message => message.type() === "error" && !/favicon|404/.test(message.text()) && looker.say(message.text()),
  );
  return looker;
}

async function look(looker, name, state, width, scheme) {
  const { page } = looker;
  const say = text => faults.push(`${name} ${width} ${scheme}: ${text}`);
  await page.goto("about:blank"); // what the last state still had to say was its own
  looker.say = say;
  const popup = state.page === "popup";
  await page.setViewportSize({ width: popup ? Math.min(width, 360) : width, height: popup ? 480 : 700 });
  await page.emulateMedia({ colorScheme: scheme });
  await page.goto(address(name, state));
  await page.waitForTimeout(120);
  await listening(page, state);
  try {
    for (const step of state.steps ?? []) {
      await listening(page, state);
      await act(page, step);
    }
  } catch (error) {
    say(`step failed: ${error.message.split("\n")[0]}`);
  }
  await page.waitForTimeout(state.early ? 150 : 80);
  const tall = await page.evaluate(() => document.documentElement.scrollHeight);
  if (tall > 6000) say(`is ${tall}px tall: something is squeezed`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (wide > 0) say(`can be scrolled sideways by ${wide}px`);
  if (!args["no-pictures"]) {
    await mkdir(join(args.out, state.page), { recursive: true });
    await page.screenshot({ path: join(args.out, state.page, `${name}.${width}.${scheme}.png`), fullPage: true });
  }
  if (!state.early) {
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
    for (const v of violations) say(`axe ${v.id}: ${v.help}: ${v.nodes.map(n => n.target.join(" ")).join(", ")}`);
  }
  count++;
}

const looks = [];
for (const [name, state] of Object.entries(STATES)) {
  if (!name.includes(args.only) || !pages.includes(state.page)) continue;
  for (const width of args.widths.split(",").map(Number)) {
    if (state.page === "popup" && width > 440) continue;
    for (const scheme of args.schemes.split(",")) looks.push([name, state, width, scheme]);
  }
}

// A state spends most of its time waiting, so that some are looked at beside one another.
const AT_ONCE = 3;
const queue = looks.values();
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    const looker = await newLooker();
    for (const job of queue) await look(looker, ...job);
  }),
);
await browser.close();
await close();
console.log(`looked at ${count}${args["no-pictures"] ? "" : `, pictures in ${args.out}`}`);
for (const fault of faults) console.log(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
