// A page that attacks the channel between the page-world script and the extension, with the earliest script that a
// page can have; and a content script that asks for what only our own pages may ask.
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "./lib/browsers.mjs";
import { inSharedBrowsers, open, serve } from "./road/rig.mjs";
import { html } from "./road/site.mjs";

// Runs in the page before anything else of it. Whatever hook sees a MessagePort that the page did not make itself
// writes down its own name.
const inShared = inSharedBrowsers();

const HOSTILE = `
var stolen = [], seen = [], hooked = 0;
{
  const Port = MessagePort, mine = new Set();
  const NativeChannel = MessageChannel;
  const note = (where, values) => { for (let i = 0; i < values.length; i++) if (values[i] instanceof Port && !mine.has(values[i])) stolen.push(where); };
  // Not while it watches itself: hooks call hooked functions.
  let watching = false;
  const watch = (where, value, args) => {
    if (watching) return;
    watching = true;
    note(where, args ? [value, ...args] : [value]);
    watching = false;
  };
  const wrap = (object, name) => {
    const d = Object.getOwnPropertyDescriptor(object, name);
    if (!d || !d.configurable) return;
    for (const part of ['value', 'get', 'set']) {
      const native = d[part];
      if (typeof native !== 'function') continue;
      d[part] = new Proxy(native, {
        apply(f, self, args) { watch(name, self, args); const r = Reflect_apply(f, self, args); watch(name, r); return r; },
        construct(f, args, t) { watch(name, undefined, args); const r = Reflect_construct(f, args, t); watch(name, r); return r; },
      });
      hooked++;
    }
    Object_defineProperty(object, name, d);
  };
  var Reflect_apply = Reflect.apply, Reflect_construct = Reflect.construct, native_define = Object.defineProperty, bare = Object.setPrototypeOf;
  // Descriptors without a prototype: below, Object.prototype gets members called get and value.
  var Object_defineProperty = (object, name, d) => native_define(object, name, bare(d, null));
  const attack = new NativeChannel();
  mine.add(attack.port1); mine.add(attack.port2);
  attack.port1.onmessage = e => seen.push(e.data);
  const port = () => { watching = true; const c = new NativeChannel(); mine.add(c.port1); mine.add(c.port2); c.port1.onmessage = e => seen.push(e.data); watching = false; return c.port2; };

  for (const type of ['keyferry-offer', 'keyferry-ask', 'message', 'keyferry-port'])
    for (const target of [window, document, document.documentElement])
      target.addEventListener(type, e => { if (!e.forged && !(e.data && e.data.forged)) note('listener ' + type, e.ports || []); }, true);

  for (const [object, names] of [
    [MessagePort.prototype, ['postMessage', 'start', 'close', 'onmessage', 'onmessageerror']],
    [EventTarget.prototype, ['addEventListener', 'removeEventListener', 'dispatchEvent']],
    [MessageEvent.prototype, ['data', 'ports', 'source', 'origin']],
    [Event.prototype, ['preventDefault', 'stopImmediatePropagation', 'stopPropagation', 'target', 'currentTarget', 'composedPath']],
    [MessageChannel.prototype, ['port1', 'port2']],
    [window, ['MessageChannel', 'MessageEvent', 'Event', 'Proxy', 'Promise', 'WeakMap', 'Map', 'AbortController', 'setTimeout', 'clearTimeout', 'postMessage', 'structuredClone', 'Uint8Array', 'DOMException', 'TypeError']],
    [Map.prototype, ['get', 'set', 'has', 'delete']], [WeakMap.prototype, ['get', 'set', 'has']], [Set.prototype, ['add', 'has']],
    [Function.prototype, ['call', 'apply', 'bind']],
    [Array.prototype, ['push', 'slice', 'map', 'forEach', Symbol.iterator, 'length']],
    [Reflect, ['apply', 'construct', 'get', 'set', 'defineProperty', 'getOwnPropertyDescriptor', 'getPrototypeOf', 'ownKeys']],
    [Object, ['create', 'keys', 'freeze', 'defineProperty', 'assign', 'entries']],
    [JSON, ['stringify', 'parse']], [Promise.prototype, ['then', 'catch', 'finally']], [Promise, ['resolve', 'all', 'race']],
    [AbortController.prototype, ['abort', 'signal']], [AbortSignal.prototype, ['aborted', 'reason']],
    [Date, ['now']], [Math, ['max', 'random']], [Document.prototype, ['hasFocus']],
  ]) for (const name of names) wrap(object, name);

  for (const name of ['then', 'get', 'toJSON', 'value', 'transfer', 'port', 'send', 'reply', 'apply', 'signal'])
    Object_defineProperty(Object.prototype, name, { configurable: true, get() { watch('inherited ' + name, this); return undefined; },
      set(v) { watch('inherited ' + name, this, [v]); Object_defineProperty(this, name, { value: v, writable: true, enumerable: true, configurable: true }); } });
  for (const index of [0, 1])
    Object_defineProperty(Array.prototype, index, { configurable: true, get() { return undefined; },
      set(v) { watch('array element', v); Object_defineProperty(this, index, { value: v, writable: true, enumerable: true, configurable: true }); } });

  // Forged hand-overs, both roles, both before and after the real one.
  const forge = () => {
    for (const target of [window, document]) {
      for (const type of ['keyferry-offer', 'keyferry-port', 'message']) {
        const e = new Event(type, { bubbles: true, cancelable: true });
        const m = Reflect_construct(Object.getPrototypeOf(MessageEvent) === Function.prototype ? MessageEvent : Event, [type, { cancelable: true, ports: [port()], data: { gone: true } }]);
        e.forged = m.forged = true;
        if (m.ports && target.dispatchEvent(m) === false) seen.push('a forged port was taken: ' + type);
        target.dispatchEvent(e);
      }
      const ask = new Event('keyferry-ask'); ask.forged = true; target.dispatchEvent(ask);
    }
    window.postMessage({ forged: true, kind: 'get', options: '{}', mediation: '', gone: true }, '*', [port()]);
  };
  forge(); setTimeout(forge, 0);
  addEventListener('DOMContentLoaded', forge);
  hooked += 1000; // got to the end
}
`;

inShared("the earliest hostile script of a page steals, forges and replays nothing", async (t, b) => {
  const site = await serve(t, {
    "/": html("", HOSTILE),
    "/csp": { body: html(), headers: { "content-security-policy": "script-src 'none'" } },
  });
  await b.page.goto(site.origin);
  const seen = await b.page.evaluate(async () => {
    // Read the outcome by own means: the page's hooks above are in the way of ordinary code.
    const result = async call => {
      try {
        const c = await call;
        return { id: c.id, mine: c instanceof PublicKeyCredential };
      } catch (e) {
        return { error: `${e.name}: ${e.message}` };
      }
    };
    const made = await result(navigator.credentials.create({ publicKey: creation("yes") }));
    const got = await result(navigator.credentials.get({ publicKey: request("yes") }));
    const controller = new AbortController();
    const hung = result(navigator.credentials.get({ publicKey: request("hang"), signal: controller.signal }));
    await new Promise(resolve => setTimeout(resolve, 500));
    controller.abort();
    const aborted = await hung;
    await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable();
    return JSON.stringify({ made, got, aborted, stolen: [...new Set(stolen)], seen, hooked });
  });
  const { made, got, aborted, stolen, seen: heard, hooked } = JSON.parse(seen);
  assert.ok(hooked > 1060, `the hooks are in place (${hooked})`);
  assert.ok(made.mine && got.mine, seen);
  assert.match(aborted.error, /^AbortError/);
  assert.deepEqual(stolen, []);
  assert.deepEqual(heard, [], "no port of the page's was taken, and nothing came out of one");
  const calls = async () =>
    (await b.asked()).filter(f => f.type?.startsWith("webauthn.") && f.type !== "webauthn.delivered");
  await until(async () => (await calls()).length >= 3, "the three calls at the host");
  assert.equal((await calls()).length, 3);
});

inShared("the hooks of that page do see a port that is leaked", async (t, b) => {
  const leaky = `${HOSTILE}; { const c = new MessageChannel(); stolen.length = 0; c.port1.postMessage('x'); }`;
  const site = await serve(t, { "/": html("", leaky) });
  await b.page.goto(site.origin);
  const caught = await b.page.evaluate(() => JSON.stringify([hooked, stolen]));
  assert.match(caught, /"postMessage"/);
});

test("chromium: a content script that asks for what only our pages may is refused", async t => {
  const site = await serve(t, { "/": html() });
  const b = await open(t, "chromium");
  await b.page.goto(site.origin);
  await b.page.evaluate(() => get("yes"));
  const cdp = await b.context.newCDPSession(b.page);
  const worlds = [];
  cdp.on("Runtime.executionContextCreated", ({ context }) => worlds.push(context));
  await cdp.send("Runtime.enable");
  const world = await until(
    async () => worlds.find(w => w.origin?.startsWith("chrome-extension://")),
    "our isolated world",
  );
  const { result } = await cdp.send("Runtime.evaluate", {
    contextId: world.id,
    awaitPromise: true,
    returnByValue: true,
    expression: `(async () => {
      const heard = [];
      for (const name of ['page', 'content', 'approve']) {
        const port = chrome.runtime.connect({ name });
        port.onMessage.addListener(m => heard.push(m));
        port.postMessage({ hello: { origin: 'https://bank.example' } });
        port.postMessage({ n: 1, type: 'ceremony.approve', body: { ceremony: 'c', hash: '', account: '' } });
        port.postMessage({ n: 2, type: 'list', body: {} });
        port.postMessage({ n: 3, local: 'connection' });
        port.postMessage({ id: 4, type: 'ceremony.approve', body: { ceremony: 'c', hash: '' } });
      }
      await new Promise(r => setTimeout(r, 800));
      return JSON.stringify(heard);
    })()`,
  });
  const asked = await b.asked();
  assert.deepEqual(
    asked.filter(f => f.sender?.kind === "page" && f.type !== "profiles.list"), // which the welcome page itself asks
    [],
  );
  const approvals = asked.filter(f => f.type === "ceremony.approve" || f.type === "list");
  assert.deepEqual(approvals, [], `nothing of it reaches the agent: ${result.value}`);
});
