// What a page and a person notice, in Chromium: the road of a sign-in, and how soon the approve window is there.
import { readFile } from "node:fs/promises";
import { approveWindow, noApproveWindow } from "../lib/approve-window.mjs";
import { key } from "../lib/person.mjs";
import { visit } from "../lib/signed-in.mjs";
import { median, mib, ms, percentile, plain, ratio } from "./figures.mjs";

const PASSKEYS = 1000;
const SITES = 10;

/** Runs in the page: makes n passkeys, and returns the last one's credential ID. */
async function make(n) {
  let rawId;
  for (let i = 0; i < n; i++) {
    const publicKey = {
      challenge: new Uint8Array(32),
      rp: { name: "bench" },
      user: { id: crypto.getRandomValues(new Uint8Array(16)), name: `person ${i}`, displayName: "" },
      pubKeyCredParams: [{ type: "public-key", alg: -7 }],
    };
    ({ rawId } = await navigator.credentials.create({ publicKey }));
  }
  globalThis.credential = rawId;
}

/** Runs in the page: sign-ins and pings in turn, in milliseconds each. */
async function signIn(times) {
  const took = { get: [], ping: [] };
  for (let i = 0; i < times; i++) {
    const challenge = crypto.getRandomValues(new Uint8Array(32));
    const allowCredentials = [{ type: "public-key", id: globalThis.credential }];
    let begun = performance.now();
    const pong = await navigator.credentials
      .get({ publicKey: { challenge, allowCredentials, rpId: "ping.keyferry.invalid" } })
      .catch(error => error.message);
    took.ping.push(performance.now() - begun);
    if (pong !== "pong") throw new Error(`no ping: ${pong}`);
    begun = performance.now();
    await navigator.credentials.get({ publicKey: { challenge, allowCredentials } });
    took.get.push(performance.now() - begun);
  }
  return took;
}

export async function roadFigures(browser, site) {
  for (let n = 1; n < SITES; n++) {
    const page = await visit(browser, site.origin.replace("localhost", `site${n}.localhost`));
    await page.evaluate(make, PASSKEYS / SITES);
    await page.close();
  }
  const page = await visit(browser, site.origin);
  await page.evaluate(make, PASSKEYS / SITES);
  await page.evaluate(signIn, 50);
  const took = await page.evaluate(signIn, 400);
  await page.close();
  const { bridges } = await browser.bed.processes();
  const status = await readFile(`/proc/${bridges[0]}/status`, "utf8");
  const peak = Number(/VmHWM:\s+(\d+) kB/.exec(status)[1]) / 1000;
  return [
    ratio(
      "get() in Chromium, 1,000 passkeys, automatic consent, against a ping over the same road",
      median(took.get),
      median(took.ping),
      1.5,
      ms,
    ),
    plain("peak memory of the bridge", peak, 20, mib),
  ];
}

/** One call, and the milliseconds until its approve window was painted: its first contents, and all of the question. */
async function untilPainted(browser, page) {
  const begun = await page.evaluate(() => {
    const allowCredentials = [{ type: "public-key", id: globalThis.credential }];
    globalThis.call = navigator.credentials.get({ publicKey: { challenge: new Uint8Array(32), allowCredentials } });
    return performance.timeOrigin + performance.now();
  });
  const window = await approveWindow(browser);
  const painted = await window.evaluate(() => ({
    first: performance.timeOrigin + performance.getEntriesByName("first-contentful-paint")[0].startTime,
    whole: globalThis.wholeAt,
  }));
  await key(window, "Enter");
  await page.evaluate(() => globalThis.call);
  await noApproveWindow(browser);
  return { first: painted.first - begun, whole: painted.whole - begun };
}

export async function windowFigures(browser, site) {
  await browser.context.addInitScript(() => {
    if (!location.pathname.startsWith("/ui/approve/")) return;
    const look = () => {
      if (!document.querySelector("[data-act=yes]")) requestAnimationFrame(look);
      // The frame after the one that has it: by then it was painted.
      else
        requestAnimationFrame(() => {
          globalThis.wholeAt = performance.timeOrigin + performance.now();
        });
    };
    requestAnimationFrame(look);
  });
  await browser.bed.consent("allow");
  const page = await visit(browser, site.origin);
  await page.evaluate(make, 1);
  await browser.bed.consent("ask");
  const devtools = await browser.context.newCDPSession(page);
  await devtools.send("ServiceWorker.enable").catch(() => {});
  const rows = [];
  for (const [state, runs] of [
    ["awake", 30],
    ["asleep", 20],
  ]) {
    const took = [];
    for (let n = 0; n < runs; n++) {
      if (state === "asleep") {
        await devtools.send("ServiceWorker.stopAllWorkers");
        await new Promise(resolve => setTimeout(resolve, 400));
      }
      took.push(await untilPainted(browser, page));
    }
    const first = took.map(t => t.first);
    const whole = took.map(t => t.whole);
    rows.push(
      plain(
        `call to approve window painted, worker ${state}: median`,
        median(first),
        state === "awake" ? 120 : undefined,
        ms,
      ),
      plain(`call to approve window painted, worker ${state}: p95`, percentile(first, 95), undefined, ms),
      plain(`call to the whole question painted, worker ${state}: median`, median(whole), undefined, ms),
      plain(`call to the whole question painted, worker ${state}: p95`, percentile(whole, 95), undefined, ms),
    );
  }
  await page.close();
  return rows;
}
