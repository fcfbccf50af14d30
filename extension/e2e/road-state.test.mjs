// What our own pages hear about the host and the browser: is it there, does it fit, and does a picture-in-picture
// window float above everything.
import assert from "node:assert/strict";
import { test } from "node:test";
import { reads } from "./lib/person.mjs";
import { inBothBrowsers, open, serve } from "./road/rig.mjs";

/** Speaks to the background as our pages do, from a page of ours. */
const connection = page =>
  page.evaluate(
    () =>
      new Promise(resolve => {
        const port = (globalThis.browser ?? chrome).runtime.connect({ name: "page" });
        port.onMessage.addListener(m => m.n === 1 && resolve(m.body));
        port.postMessage({ n: 1, local: "connection" });
      }),
  );

inBothBrowsers("a host that fits", {}, async (_t, b) => {
  const state = await connection(b.welcome);
  assert.deepEqual([state.kind, state.paired, state.status.vault], ["ok", "yes", "unlocked"]);
});

inBothBrowsers("no host", { host: false }, async (_t, b) => {
  assert.equal((await connection(b.welcome)).kind, "host-missing");
});

inBothBrowsers("a host that does not know us", { mode: "unknown-caller" }, async (_t, b) => {
  assert.deepEqual(await connection(b.welcome), { kind: "unknown-caller", message: "not one of ours" });
});

inBothBrowsers("a host of another protocol", { mode: "old" }, async (_t, b) => {
  assert.deepEqual(await connection(b.welcome), { kind: "too-old", update: "host", message: "update the host" });
});

test("chromium: a host that is too new for the extension", async t => {
  const b = await open(t, "chromium", { mode: "newer" });
  const state = { kind: "too-old", update: "extension", message: "update the extension" };
  assert.deepEqual(await connection(b.welcome), state);
  await reads(b.welcome, /this extension is too old/, 60_000);
  await reads(b.welcome, /update the extension in your browser/);
});

inBothBrowsers("a host that breaks the protocol", { mode: "gap" }, async (_t, b) => {
  const state = await connection(b.welcome);
  assert.equal(state.kind, "failed");
  assert.match(state.message, /chunk 3/);
});

test("chromium: a picture-in-picture window of any page is known to our pages, and its end too", async t => {
  const script =
    "go.onclick = async () => { window.pip = await documentPictureInPicture.requestWindow({ width: 200, height: 200 }); }";
  const site = await serve(t, { "/": `<!doctype html><button id=go>go</button><script>${script}</script>` });
  const b = await open(t, "chromium");
  await b.welcome.evaluate(() => {
    window.heard = [];
    const port = chrome.runtime.connect({ name: "page" });
    port.onMessage.addListener(m => "pictureInPicture" in m && window.heard.push(m.pictureInPicture));
  });
  await b.page.goto(site.origin);
  await b.page.click("#go");
  await b.page.waitForFunction(() => window.pip);
  const heard = want => b.welcome.waitForFunction(w => JSON.stringify(window.heard) === w, JSON.stringify(want));
  await heard([false, true]);
  await b.page.evaluate(() => window.pip.close());
  await heard([false, true, false]);
});
