// Everything between page and host may die at any time: the worker, the host, the extension, the document. The page
// sees its call served, refused or handed to the browser, never left alone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "./lib/browsers.mjs";
import { inBothBrowsers, inSharedBrowsers, open, serve } from "./road/rig.mjs";
import { html } from "./road/site.mjs";

const inShared = inSharedBrowsers();
const site = t => serve(t, { "/": html(), "/next": html() });
const asks = async (b, type) => (await b.asked()).filter(f => f.type === type);
const heard = (b, type, count = 1) =>
  until(async () => {
    const found = await asks(b, type);
    return found.length >= count && found;
  }, `${count} × ${type} at the host`);

/** Begins a call in the page and leaves its outcome in `pending`. */
const begin = (page, expression) =>
  page.evaluate(e => {
    window.pending = new Function(`return ${e}`)();
    return true;
  }, expression);
const pending = page => page.evaluate(() => window.pending);

inShared("a frame over 256 KiB travels in pieces both ways", async (t, b) => {
  await b.page.goto((await site(t)).origin);
  const size = await b.page.evaluate(async () => {
    const c = await create("yes", { extensions: { note: "é".repeat(400_000) } });
    return c.sent?.body.options.extensions.note === "é".repeat(400_000) ? "whole" : JSON.stringify(c).slice(0, 200);
  });
  assert.equal(size, "whole");
});

inShared("the approve window opens once per tab; closing it by hand is a no", async (t, b) => {
  await b.page.goto((await site(t)).origin);
  await begin(b.page, "create('window')");
  const [first] = await heard(b, "webauthn.create");
  const window = await b.window(/\/ui\/approve\/index\.html/);
  const shown = await window.evaluate(() => new URLSearchParams(location.search).get("ceremony"));
  assert.equal(shown, first.body.request);
  // A second ceremony of the same tab takes the window over.
  await b.page.evaluate(() => {
    window.second = get("window");
    return true;
  });
  const [second] = await heard(b, "webauthn.get");
  await until(
    async () => (await window.evaluate(() => location.search).catch(() => "")).includes(second.body.request),
    "the window to show the second ceremony",
  );
  const open = [];
  for (const p of await b.pages()) open.push(await p.evaluate(() => location.href).catch(() => ""));
  assert.equal(open.filter(u => u.includes("/ui/approve/")).length, 1);
  await window.close();
  const refused = await heard(b, "ceremony.refuse");
  assert.deepEqual(refused[0].sender, { kind: "page", page: "approve" });
  assert.equal(refused[0].body.ceremony, second.body.request);
  assert.equal((await b.page.evaluate(() => window.second)).error, "NotAllowedError");
});

inShared("a document that goes cancels what it asked for", async (t, b) => {
  const { origin } = await site(t);
  await b.page.goto(origin);
  await begin(b.page, "get('hang')");
  const [asked] = await heard(b, "webauthn.get");
  await b.page.goto(`${origin}/next`);
  const gone = await until(
    async () => (await asks(b, "webauthn.gone")).find(f => f.body.tabId === asked.sender.tabId),
    "word at the host that the document went",
  );
  assert.deepEqual(gone.sender, { kind: "background" });
  assert.equal(gone.body.documentId, asked.sender.documentId);
  const canceled = (await b.asked()).filter(f => f.cancel);
  assert.deepEqual(
    canceled.map(f => f.id),
    [asked.id],
  );
});

inBothBrowsers("a host that dies is asked once more, then the browser serves the call", {}, async (t, b) => {
  await b.page.goto((await site(t)).origin);
  const seen = await b.page.evaluate(() => get("die", { rpId: "example.com" }));
  assert.equal(seen.error, "SecurityError", "the browser's own answer to that RP ID");
  const all = await asks(b, "webauthn.get");
  assert.equal(all.length, 2);
  assert.equal(all[0].body.request, all[1].body.request, "asked again under the same name");
  assert.ok((await b.page.evaluate(() => get("yes"))).mine, "and the next call starts a new host");
});

test("chromium: a worker that dies re-attaches to its ceremony", async t => {
  const b = await open(t, "chromium");
  await b.page.goto((await site(t)).origin);
  await begin(b.page, "get('hang')");
  await heard(b, "webauthn.get");
  const cdp = await b.context.newCDPSession(b.welcome);
  await cdp.send("ServiceWorker.enable");
  await cdp.send("ServiceWorker.stopAllWorkers");
  const [before, after] = await heard(b, "webauthn.get", 2);
  assert.equal(before.body.request, after.body.request);
  assert.notEqual(before.id, after.id);
  const starts = (await b.asked()).filter(f => f.start);
  assert.equal(starts.length, 2, "a new worker with a new host");
});

inBothBrowsers("an extension that is reloaded leaves the page to the browser", {}, async (t, b) => {
  await b.page.goto((await site(t)).origin);
  await begin(b.page, "get('hang', { rpId: 'example.com' })");
  await heard(b, "webauthn.get");
  await b.welcome.evaluate(() => void setTimeout(() => chrome.runtime.reload(), 100));
  assert.equal((await pending(b.page)).error, "SecurityError", "the browser's own answer to that RP ID");
  const later = await b.page.evaluate(() => get("browser", { rpId: "example.com" }));
  assert.equal(later.error, "SecurityError");
});

inBothBrowsers("the approve window of a host that died closes with the call", {}, async (t, b) => {
  await b.page.goto((await site(t)).origin);
  await begin(b.page, "create('window')");
  await b.window(/\/ui\/approve\/index\.html/);
  const [{ start }] = await b.asked();
  // Twice: the request is asked once more of the next host.
  process.kill(start);
  const second = await until(async () => (await b.asked()).filter(f => f.start)[1], "the next host");
  await heard(b, "webauthn.create", 2);
  process.kill(second.start);
  const addresses = async () =>
    Promise.all((await b.pages()).map(p => p.evaluate(() => location.href).catch(() => "")));
  await until(async () => !(await addresses()).some(u => u.includes("/ui/approve/")), "the window to close");
  assert.deepEqual(
    (await b.asked()).filter(f => f.type === "ceremony.refuse"),
    [],
    "nobody said no",
  );
});
