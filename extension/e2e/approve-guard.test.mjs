// The approve window under attack, in a real browser with real input: what must not count as a yes, and what must.
// The page is the real one; its answers are the preview's. (Synthetic scripts inside the page stand for what a page
// can never do here; the attacks that matter are real presses at the wrong moment.)
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { serve } from "../src/ui/preview/serve.mjs";

let site;
let browser;

before(async () => {
  site = await serve();
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
});

after(async () => {
  await browser?.close();
  await site?.close();
});

/**
 * Opens a state in a page whose clock stands still but for `pass(ms)`, so that no test hangs on how fast the machine is.
 * `asked()` tells which decisions the page has sent so far.
 */
async function open(t, name) {
  const page = await browser.newPage({ viewport: { width: 440, height: 620 } });
  t.after(() => page.close().catch(() => {}));
  await page.clock.install({ time: 0 });
  await page.clock.pauseAt(1000);
  await page.goto(site.address(name, site.STATES[name]));
  const pass = ms => page.clock.runFor(ms);
  await pass(200); // the answer, and the two frames until it counts as painted
  await page.waitForSelector("[data-act=yes]");
  const decisions = () =>
    page.evaluate(() => globalThis.asked.map((type, n) => ({ type, body: globalThis.bodies[n] })).slice(1));
  const asked = async () => {
    await pass(50);
    return (await decisions()).map(d => d.type).filter(type => type !== "ceremony.describe");
  };
  const isArmed = async () => (await page.locator("[data-act=yes][aria-disabled=true]").count()) === 0;
  const armed = async () => {
    await pass(700);
    assert.equal(await isArmed(), true, "it armed");
  };
  const middle = async act => {
    const box = await page.locator(`[data-act=${act}]`).boundingBox();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  return { page, pass, decisions, asked, isArmed, armed, middle };
}

test("one press of Enter is a yes, once it is armed", async t => {
  const { page, asked, armed } = await open(t, "approve-get-working");
  await armed();
  await page.keyboard.press("Enter");
  assert.deepEqual(await asked(), ["ceremony.approve"]);
});

test("a click and a key at the moment it opens are nothing", async t => {
  const { page, asked, armed, isArmed, middle } = await open(t, "approve-get-working");
  assert.equal(await isArmed(), false);
  await page.mouse.click(...(await middle("yes")));
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  assert.deepEqual(await asked(), []);
  await armed();
  await page.mouse.click(...(await middle("yes")));
  assert.deepEqual(await asked(), ["ceremony.approve"]);
});

test("a press that began before it was armed is nothing, however late it ends", async t => {
  const { page, asked, armed, middle } = await open(t, "approve-get-working");
  await page.mouse.move(...(await middle("yes")));
  await page.mouse.down();
  await page.keyboard.down("Enter");
  await armed();
  await page.keyboard.up("Enter");
  await page.mouse.up();
  assert.deepEqual(await asked(), []);
});

test("a press that began elsewhere in the window, or ends there, is nothing", async t => {
  const { page, asked, armed, middle } = await open(t, "approve-get-working");
  await armed();
  await page.mouse.move(20, 20);
  await page.mouse.down();
  await page.mouse.move(...(await middle("yes")));
  await page.mouse.up();
  await page.mouse.down();
  await page.mouse.move(20, 20);
  await page.mouse.up();
  await page.mouse.move(...(await middle("other")));
  await page.mouse.down();
  await page.mouse.move(...(await middle("yes")));
  await page.mouse.up();
  assert.deepEqual(await asked(), []);
});

test("a blur in the middle of a press spends it, and arms anew", async t => {
  const { page, asked, armed, isArmed, middle } = await open(t, "approve-get-working");
  await armed();
  await page.mouse.move(...(await middle("yes")));
  await page.mouse.down();
  await page.evaluate(() => dispatchEvent(new FocusEvent("blur")));
  assert.equal(await isArmed(), false);
  await armed();
  await page.mouse.up();
  assert.deepEqual(await asked(), []);
});

test("a key held since before is nothing, and keeps it from arming", async t => {
  const { page, pass, asked, armed, isArmed } = await open(t, "approve-get-working");
  for (let i = 0; i < 20; i++) {
    await page.keyboard.down("Enter"); // from the second on a repeat, to the page
    await pass(50);
  }
  assert.equal(await isArmed(), false);
  await armed();
  await page.keyboard.down("Enter");
  await page.keyboard.up("Enter");
  assert.deepEqual(await asked(), []);
});

test("scripted events and calls of click() are nothing", async t => {
  const { page, asked, armed } = await open(t, "approve-get-working");
  await armed();
  await page.evaluate(() => {
    const yes = document.querySelector("[data-act=yes]");
    const { x, y } = yes.getBoundingClientRect();
    const at = { bubbles: true, isPrimary: true, pointerId: 1, clientX: x + 5, clientY: y + 5 };
    yes.dispatchEvent(new PointerEvent("pointerdown", at));
    yes.dispatchEvent(new PointerEvent("pointerup", at));
    yes.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
    yes.dispatchEvent(new KeyboardEvent("keyup", { key: "Enter", bubbles: true }));
    yes.click();
  });
  assert.deepEqual(await asked(), []);
});

test("nothing counts under a picture-in-picture window", async t => {
  const { page, pass, asked, middle } = await open(t, "approve-get-pip");
  await pass(5000);
  await page.mouse.click(...(await middle("yes")));
  await page.keyboard.press("Enter");
  assert.deepEqual(await asked(), []);
});

test("what unlocking reveals has to be looked at before a yes counts", async t => {
  const { page, pass, asked, armed } = await open(t, "approve-unlocked-then-ready");
  await armed();
  await page.keyboard.type("right");
  await page.keyboard.press("Enter");
  await pass(100);
  assert.match(await page.textContent("h1"), /^Sign in to/);
  await page.keyboard.press("Enter");
  assert.deepEqual(await asked(), ["ceremony.unlock"]);
  await armed();
  await page.keyboard.press("Enter");
  assert.deepEqual(await asked(), ["ceremony.unlock", "ceremony.approve"]);
});

test("typing into a field waits for the arming, too", async t => {
  const { page, pass, asked, armed } = await open(t, "approve-get-here");
  for (const letter of "meant for the page") {
    await page.keyboard.type(letter);
    await pass(110); // longer in all than the window waits
  }
  assert.equal(await page.locator("input").inputValue(), "");
  await armed();
  await page.keyboard.type("secret");
  assert.equal(await page.locator("input").inputValue(), "secret");
  await page.keyboard.press("Enter");
  assert.deepEqual(await asked(), ["ceremony.approve"]);
});

test("keys alone choose an account and say yes; Escape says no; Tab reaches the other device", async t => {
  const several = await open(t, "approve-get-several");
  await several.armed();
  await several.page.keyboard.press("ArrowDown");
  await several.page.keyboard.press("Enter");
  assert.deepEqual(await several.asked(), ["ceremony.approve"]);
  assert.equal((await several.decisions()).find(d => d.type === "ceremony.approve").body.account, "a2");
  const no = await open(t, "approve-get");
  await no.armed();
  await no.page.keyboard.press("Escape");
  assert.deepEqual(await no.asked(), ["ceremony.refuse"]);
  const other = await open(t, "approve-get");
  await other.armed();
  await other.page.keyboard.press("Tab");
  await other.page.keyboard.press("Space");
  assert.deepEqual(await other.asked(), ["ceremony.refuse"]);
  assert.equal((await other.decisions())[0].body.otherDevice, true);
});
