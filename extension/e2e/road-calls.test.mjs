// navigator.credentials as a page sees it: real objects, the browser's own argument errors, exceptions that are
// DOMExceptions, abort signals, and calls that fall to the browser untouched.
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "./lib/browsers.mjs";
import { inBothBrowsers, inSharedBrowsers, nativeAuthenticator, open, serve } from "./road/rig.mjs";
import { html } from "./road/site.mjs";

const inShared = inSharedBrowsers();
const site = t => serve(t, { "/": html() });

inShared("credentials are the page's own kind of object", async (t, b) => {
  await b.page.goto((await site(t)).origin);
  const faults = await b.page.evaluate(async () => {
    const faults = [];
    const check = (what, ok) => ok || faults.push(what);
    const same = read => Object.is(read(), read());
    const text = buffer => new TextDecoder().decode(buffer);
    const b64 = buffer =>
      btoa(String.fromCharCode(...new Uint8Array(buffer)))
        .replaceAll("+", "-")
        .replaceAll("/", "_")
        .replace(/=+$/, "");
    const readonly = (object, name) => {
      const before = object[name];
      try {
        object[name] = "changed";
      } catch {
        // strict mode: also fine
      }
      check(`${name} is read-only`, object[name] === before);
      check(`${name} is no own property`, !Object.hasOwn(object, name));
    };
    const common = c => {
      check("instanceof", c instanceof PublicKeyCredential && c instanceof Credential);
      check("class", String(c) === "[object PublicKeyCredential]");
      check("prototype", Object.getPrototypeOf(c) === PublicKeyCredential.prototype);
      check("no own properties", Reflect.ownKeys(c).length === 0 && Reflect.ownKeys(c.response).length === 0);
      check("id is rawId", c.id === b64(c.rawId) && c.rawId instanceof ArrayBuffer && c.rawId.byteLength === 32);
      check("type", c.type === "public-key" && c.authenticatorAttachment === "platform");
      check("same objects", same(() => c.rawId) && same(() => c.response));
      check("fresh results", !same(() => c.getClientExtensionResults()));
      check(
        "client data",
        c.response.clientDataJSON instanceof ArrayBuffer && JSON.parse(text(c.response.clientDataJSON)),
      );
      for (const name of ["id", "type", "rawId", "response", "authenticatorAttachment"]) readonly(c, name);
      readonly(c.response, "clientDataJSON");
      const getter = Object.getOwnPropertyDescriptor(PublicKeyCredential.prototype, "rawId").get;
      check("getter by hand", getter.call(c) === c.rawId);
      try {
        getter.call({});
        check("brand check", false);
      } catch (e) {
        check("brand check", e instanceof TypeError);
      }
      const json = c.toJSON();
      check("toJSON", json.id === c.id && json.response.clientDataJSON === b64(c.response.clientDataJSON));
      check("stringify", JSON.stringify(c) === JSON.stringify(json));
    };
    const made = await navigator.credentials.create({ publicKey: creation("yes") });
    common(made);
    const r = made.response;
    check("attestation", r instanceof AuthenticatorAttestationResponse && r instanceof AuthenticatorResponse);
    check("attestation class", String(r) === "[object AuthenticatorAttestationResponse]");
    check("attestationObject", text(r.attestationObject) === "att");
    check("authenticatorData", text(r.getAuthenticatorData()) === "auth");
    check("public key", text(r.getPublicKey()) === "key" && r.getPublicKeyAlgorithm() === -7);
    check("transports", r.getTransports().join() === "internal,hybrid" && !same(() => r.getTransports()));
    check("credProps", made.getClientExtensionResults().credProps.rk === true);
    readonly(r, "attestationObject");

    const got = await navigator.credentials.get({ publicKey: request("yes") });
    common(got);
    const a = got.response;
    check(
      "assertion",
      a instanceof AuthenticatorAssertionResponse && String(a) === "[object AuthenticatorAssertionResponse]",
    );
    check("assertion data", text(a.authenticatorData) === "auth" && text(a.signature) === "sig");
    check("user handle", text(a.userHandle) === "user");

    const { create, get } = CredentialsContainer.prototype;
    check(
      "on the prototype",
      !Object.hasOwn(navigator.credentials, "create") && navigator.credentials.create === create,
    );
    check("names", create.name === "create" && get.name === "get" && create.length === 0 && get.length === 0);
    check(
      "native text",
      /\[native code\]/.test(create.toString()) && /\[native code\]/.test(Function.prototype.toString.call(get)),
    );
    check("no constructor", !("prototype" in create));
    check("enumerable", Object.getOwnPropertyDescriptor(CredentialsContainer.prototype, "create").enumerable);
    const traces = Object.getOwnPropertyNames(globalThis).filter(n => /keyferry/i.test(n));
    check("no globals", traces.length === 0);
    return faults;
  });
  assert.deepEqual(faults, []);
});

inShared("arguments are judged by the browser, once, as they were at the call", async (t, b) => {
  await b.page.goto((await site(t)).origin);
  const seen = await b.page.evaluate(async () => {
    const call = (publicKey, rest = {}) => outcome(navigator.credentials.create({ publicKey, ...rest }));
    const { rp, ...noRP } = creation("x");
    const challenge = new Uint8Array([1, 2, 3]);
    const reused = call(creation("x", { challenge }));
    challenge.fill(9); // a page may use its buffer again at once
    return {
      challenge: await call(creation("x", { challenge: "text" })),
      noRP: await call(noRP),
      long: await call(creation("x", { user: { id: new Uint8Array(65), name: "n", displayName: "d" } })),
      empty: await call(creation("x", { user: { id: new Uint8Array(0), name: "n", displayName: "d" } })),
      signal: await call(creation("x"), { signal: {} }),
      receiver: await outcome(navigator.credentials.create.call({}, { publicKey: creation("x") })),
      nothing: await outcome(navigator.credentials.create()),
      lenient: await call(creation("x", { timeout: 60000.7, pubKeyCredParams: [{ type: "public-key", alg: "-7" }] })),
      view: await call(creation("x", { challenge: new DataView(new Uint8Array([0, 1, 2, 3]).buffer, 1, 2) })),
      reused: await reused,
    };
  });
  const sent = name => seen[name].sent.body.options;
  for (const name of ["challenge", "noRP", "long", "empty", "signal", "receiver"])
    assert.ok(seen[name].type, `${name}: ${JSON.stringify(seen[name])}`);
  assert.match(seen.challenge.message, /challenge|BufferSource|ArrayBuffer/);
  assert.ok(seen.nothing.error || seen.nothing.value === null, "the browser's own answer to a call without options");
  assert.equal(sent("lenient").pubKeyCredParams[0].alg, -7);
  assert.equal(sent("lenient").timeout, 60000);
  assert.equal(sent("view").challenge, "AQI");
  assert.equal(sent("reused").challenge, "AQID");
});

inShared("refusals are DOMExceptions of the page's", async (t, b) => {
  await b.page.goto((await site(t)).origin);
  const seen = await b.page.evaluate(async () => [
    await create("no"),
    await create("excluded"),
    await create("type"),
    await get("no"),
  ]);
  assert.deepEqual(
    seen.map(s => [s.error, s.dom, s.type]),
    [
      ["NotAllowedError", true, false],
      ["InvalidStateError", true, false],
      ["TypeError", false, true],
      ["NotAllowedError", true, false],
    ],
  );
});

inShared("an abort signal ends the call with its own reason, here and at the agent", async (t, b) => {
  await b.page.goto((await site(t)).origin);
  const seen = await b.page.evaluate(async () => {
    const reason = { mine: true };
    const is = promise =>
      promise.then(
        () => "resolved",
        e => e === reason || e.name,
      );
    const before = await is(
      navigator.credentials.get({ publicKey: request("yes"), signal: AbortSignal.abort(reason) }),
    );
    const controller = new AbortController();
    const call = is(navigator.credentials.get({ publicKey: request("hang"), signal: controller.signal }));
    setTimeout(() => controller.abort(reason), 300);
    const plain = new AbortController();
    const during = await call;
    const second = is(navigator.credentials.create({ publicKey: creation("hang"), signal: plain.signal }));
    setTimeout(() => plain.abort(), 300);
    return { before, during, second: await second, after: (await get("yes")).mine };
  });
  assert.deepEqual(seen, { before: true, during: true, second: "AbortError", after: true });
  const asked = await until(async () => {
    const all = await b.asked();
    return all.filter(f => f.cancel).length >= 2 && all;
  }, "two cancellations at the host");
  const hung = asked.filter(f => f.body?.options?.hints?.[0] === "hang" || f.body?.options?.rp?.name === "hang");
  assert.deepEqual(
    asked.filter(f => f.cancel).map(f => f.id),
    hung.map(f => f.id),
  );
  assert.equal(
    asked.filter(f => f.type === "webauthn.get").length,
    2,
    "the call that was aborted before reached no host",
  );
});

inShared("what is not ours goes to the browser itself", async (t, b, kind) => {
  await b.page.goto((await site(t)).origin);
  assert.equal(
    await b.page.evaluate(() => get("browser", { rpId: "example.com" }).then(o => o.error)),
    "SecurityError",
  );
  // Headless Firefox has no authenticator to succeed with.
  if (kind === "chromium") {
    await nativeAuthenticator(b, b.page);
    const real = await b.page.evaluate(async () => {
      const publicKey = creation("browser", { rp: { name: "browser", id: "localhost" } });
      const native = await navigator.credentials.create({ publicKey });
      return native.response.attestationObject.byteLength > 100 && native.toJSON().id === native.id;
    });
    assert.ok(real);
  }

  // Conditional, silent and immediate calls and other kinds of credentials never reach the host.
  const before = (await b.asked()).length;
  await b.page.evaluate(async () => {
    const controller = new AbortController();
    const calls = [
      navigator.credentials.get({ publicKey: request("yes"), mediation: "conditional", signal: controller.signal }),
      navigator.credentials.get({ password: true, publicKey: request("yes"), signal: controller.signal }),
      navigator.credentials.get({ publicKey: request("yes"), mediation: "silent", signal: controller.signal }),
    ];
    setTimeout(() => controller.abort(), 300);
    await Promise.allSettled(calls);
  });
  assert.equal((await b.asked()).length, before);
});

inShared("capabilities say what is true", async (t, b) => {
  await b.page.goto((await site(t)).origin);
  const ask = () =>
    b.page.evaluate(async () => ({
      verifying: await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable(),
      capabilities: (await PublicKeyCredential.getClientCapabilities?.()) ?? null,
    }));
  const seen = await until(async () => {
    const now = await ask();
    return now.verifying && now;
  }, "the extension to know that its host is there");
  assert.equal(seen.capabilities?.passkeyPlatformAuthenticator ?? true, true);
  assert.equal(seen.capabilities?.userVerifyingPlatformAuthenticator ?? true, true);
});

inBothBrowsers("without a host everything is the browser's", { host: false }, async (t, b, kind) => {
  await b.page.goto((await site(t)).origin);
  await new Promise(resolve => setTimeout(resolve, 500));
  const verifying = await b.page.evaluate(() => PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable());
  assert.equal(verifying, false, "neither this browser nor Keyferry has a platform authenticator here");
  assert.equal(await b.page.evaluate(() => get("x", { rpId: "example.com" }).then(o => o.error)), "SecurityError");
  if (kind === "firefox") return;
  await nativeAuthenticator(b, b.page);
  const native = await b.page.evaluate(() => create("x", { rp: { name: "x", id: "localhost" } }));
  assert.equal(native.sent?.type, "webauthn.create", JSON.stringify(native));
});

test("chromium: another device gets the call with the focus back, and still under the page's signal", async t => {
  const b = await open(t, "chromium");
  await b.page.goto((await site(t)).origin);
  const rp = { name: "other", id: "localhost" };
  const begin = publicKey =>
    b.page.evaluate(more => {
      const reason = { mine: true };
      window.controller = new AbortController();
      window.stop = () => window.controller.abort(reason);
      const { signal } = window.controller;
      const call = navigator.credentials.create({ publicKey: creation("other", more), signal });
      window.pending = call.then(
        c => ({ type: JSON.parse(new TextDecoder().decode(c.response.clientDataJSON)).type }),
        e => ({ mine: e === reason }),
      );
    }, publicKey);
  const chooseOther = async () => {
    const window = await b.window(/\/ui\/approve\/index\.html/);
    await window.close();
  };

  // Without an authenticator the browser's own dialog waits: the page's signal ends it with the page's reason.
  await begin({ rp });
  await chooseOther();
  await until(async () => (await b.asked()).some(f => f.type === "ceremony.refuse"), "the choice to arrive");
  await b.page.evaluate(() => new Promise(resolve => setTimeout(resolve, 1000)));
  await b.page.evaluate(() => window.stop());
  assert.deepEqual(await b.page.evaluate(() => window.pending), { mine: true });

  await nativeAuthenticator(b, b.page);
  await begin({ rp, timeout: 60_000 });
  await chooseOther();
  assert.deepEqual(await b.page.evaluate(() => window.pending), { type: "webauthn.create" });
});
