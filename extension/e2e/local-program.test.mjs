// A second program of the same user: it starts the bridge as the browser does and asks for a bank's signature. And
// the browser's own paired connection, on which a content script says "approve".
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { test } from "node:test";
import { approveWindow, approveWindows, noApproveWindow } from "./lib/approve-window.mjs";
import { after, until } from "./lib/browsers.mjs";
import { IDS, TEST } from "./lib/host.mjs";
import { press } from "./lib/person.mjs";
import { attempt, KINDS, open, RELYING_PARTIES, visit } from "./lib/signed-in.mjs";

const CALLERS = {
  chromium: [`chrome-extension://${IDS.test.chromeId}/`],
  firefox: ["/home/someone/.mozilla/native-messaging-hosts/app.keyferry.host.json", IDS.test.firefoxId],
};

/** Speaks native messaging with a bridge of its own, with the argv that a browser would give it. */
function impersonate(t, bed, argv) {
  const child = spawn(TEST, ["--testbed", bed.testbed, ...argv], { stdio: ["pipe", "pipe", "ignore"] });
  after(t, () => child.kill("SIGKILL"));
  const frames = [];
  let ended = false;
  child.on("exit", () => {
    ended = true;
  });
  let buffered = Buffer.alloc(0);
  child.stdout.on("data", data => {
    buffered = Buffer.concat([buffered, data]);
    while (buffered.length >= 4 && buffered.length >= 4 + buffered.readUInt32LE(0)) {
      const length = buffered.readUInt32LE(0);
      frames.push(JSON.parse(buffered.subarray(4, 4 + length)));
      buffered = buffered.subarray(4 + length);
    }
  });
  let count = 0;
  return {
    ended: () => ended,
    event: name => until(async () => frames.find(f => f.event === name), `the event ${name}`),
    async ask(type, sender, body) {
      const id = `x${++count}`;
      const json = Buffer.from(JSON.stringify({ id, type, sender, body }));
      const head = Buffer.alloc(4);
      head.writeUInt32LE(json.length);
      child.stdin.write(Buffer.concat([head, json]));
      return until(async () => frames.find(f => f.id === id), `an answer to ${type}`);
    },
  };
}

/** A session signed by whoever's key, over the agent's nonce. */
function session(nonce, caller) {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const message = Buffer.concat([
    Buffer.from("keyferry session 1\0"),
    Buffer.from(nonce, "base64url"),
    Buffer.from(caller),
  ]);
  return {
    protocol: 1,
    publicKey: publicKey.export({ format: "der", type: "spki" }).toString("base64url"),
    signature: sign("SHA256", message, { key: privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url"),
  };
}

const bank = (extra = {}) => ({
  request: randomBytes(16).toString("base64url"),
  options: { challenge: randomBytes(32).toString("base64url"), rpId: "localhost" },
  mediation: "",
  visible: true,
  delegated: true,
  ...extra,
});

for (const kind of KINDS)
  test(kind, async t => {
    const site = await RELYING_PARTIES["go-webauthn"]();
    after(t, site.close);
    const browser = await open(t, kind);
    const page = await visit(browser, site.origin);
    assert.equal((await attempt(page, "register", { user: "ada@example.com" })).ok, true);
    await browser.bed.consent("ask");
    const content = { kind: "content", origin: site.origin, ancestors: [], tabId: 1, frameId: 0 };

    await t.test("a program that plays the browser gets nothing without the browser's key", async t => {
      const thief = impersonate(t, browser.bed, CALLERS[kind]);
      const hello = await thief.event("agent.hello");
      const refusals = [await thief.ask("webauthn.get", content, bank())];
      const answer = await thief.ask(
        "session",
        { kind: "background" },
        session(hello.body.nonce, CALLERS[kind].at(-1)),
      );
      assert.notEqual(answer.body?.paired, "yes", JSON.stringify(answer));
      for (const [type, sender, body] of [
        ["webauthn.get", content, bank()],
        ["webauthn.create", content, bank()],
        ["list", { kind: "page", page: "vault" }, {}],
        ["sites.off", { kind: "background" }, {}],
        ["ceremony.describe", { kind: "page", page: "approve" }, { ceremony: "x" }],
        ["slots.list", { kind: "page", page: "settings" }, {}],
        ["pair.confirm", { kind: "page", page: "settings" }, { code: "000000" }],
        ["pair.confirm", { kind: "cli" }, { code: "000000" }],
        ["list", { kind: "cli" }, {}],
      ])
        refusals.push(await thief.ask(type, sender, body));
      for (const frame of refusals) {
        assert.ok(frame.error, `served: ${JSON.stringify(frame)}`);
        assert.match(frame.error.name, /^(not-paired|not-allowed|bad-request)$/, JSON.stringify(frame));
      }
      assert.equal((await approveWindows(browser)).length, 0, "and nobody is bothered");
    });

    await t.test("a program with another extension's name is turned away", async t => {
      const argv = { chromium: [`chrome-extension://${"a".repeat(32)}/`], firefox: ["/x.json", "evil@example.com"] };
      const stranger = impersonate(t, browser.bed, argv[kind]);
      assert.equal((await stranger.event("bridge.error")).error.name, "unknown-caller");
      await until(async () => stranger.ended(), "the bridge to end");
    });

    await t.test("an approval that a content script sends is no approval", { skip: kind !== "chromium" }, async () => {
      // The worker is the one that has the paired connection; what it may send for a content script is the point.
      const call = attempt(page, "login", { user: "ada@example.com" });
      const window = await approveWindow(browser);
      const devtools = await browser.context.newCDPSession(page);
      const worlds = [];
      devtools.on("Runtime.executionContextCreated", ({ context }) => worlds.push(context));
      await devtools.send("Runtime.enable");
      const isolated = await until(
        async () => worlds.find(w => w.origin?.startsWith("chrome-extension://")),
        "our isolated world",
      );
      const ceremony = new URL(await window.evaluate(() => location.href)).searchParams.get("ceremony");
      const { result } = await devtools.send("Runtime.evaluate", {
        contextId: isolated.id,
        awaitPromise: true,
        returnByValue: true,
        expression: `(async () => {
          const heard = [];
          const hash = ${JSON.stringify("A".repeat(43))};
          for (const name of ["content", "page", "approve"]) {
            const port = chrome.runtime.connect({ name });
            port.onMessage.addListener(m => heard.push(m));
            port.postMessage({ hello: { origin } });
            for (const type of ["ceremony.describe", "ceremony.approve", "ceremony.refuse"])
              port.postMessage({ id: 1, n: 1, type, body: { ceremony: ${JSON.stringify(ceremony)}, hash } });
          }
          await new Promise(resolve => setTimeout(resolve, 700));
          return JSON.stringify(heard);
        })()`,
      });
      assert.equal(result.value, "[]", "it hears nothing either");
      await press(window, /^sign in$/); // it is still the person's to answer
      assert.equal((await call).ok, true);
      await noApproveWindow(browser);
    });
  });
