import assert from "node:assert/strict";
import { test } from "node:test";
import { optionsJSON } from "./options";
import { snapshot } from "./snapshot";

const creation = () => ({
  challenge: new Uint8Array([1, 2, 3]),
  rp: { name: "R", id: "example.com" },
  user: { id: new Uint8Array([9]).buffer, name: "n", displayName: "d" },
  pubKeyCredParams: [
    { type: "public-key", alg: "-7" },
    { type: "public-key", alg: Number.NaN },
  ],
});

const sent = (kind: "create" | "get", options: object) => JSON.parse(optionsJSON(kind, snapshot(options)));

test("values convert as WebIDL says", () => {
  const json = sent("create", {
    ...creation(),
    timeout: 60_000.9,
    attestation: "none",
    authenticatorSelection: { requireResidentKey: "true" },
  });
  assert.equal(json.challenge, "AQID");
  assert.equal(json.user.id, "CQ");
  assert.deepEqual(json.pubKeyCredParams, [
    { type: "public-key", alg: -7 },
    { type: "public-key", alg: 0 },
  ]);
  assert.equal(json.timeout, 60_000);
  assert.deepEqual(json.authenticatorSelection, { requireResidentKey: true });
});

test("missing stays missing, null is an empty dictionary, and unknown members do not travel", () => {
  const json = sent("get", { challenge: new Uint8Array(1), rpId: undefined, unknown: 1 });
  assert.deepEqual(json, { challenge: "AA" });
  assert.deepEqual(sent("create", { ...creation(), authenticatorSelection: null }).authenticatorSelection, {});
});

test("binary in extensions becomes base64url at any depth", () => {
  const prf = {
    eval: { first: new Uint8Array([255]) },
    evalByCredential: { AA: { first: new DataView(new ArrayBuffer(2)) } },
  };
  const json = sent("get", {
    challenge: new Uint8Array(1),
    extensions: { prf, list: [new Uint8Array([1])], flag: true },
  });
  assert.deepEqual(json.extensions, {
    prf: { eval: { first: "_w" }, evalByCredential: { AA: { first: "AAA" } } },
    list: ["AQ"],
    flag: true,
  });
});

test("a snapshot does not change with its original", () => {
  const bytes = new Uint8Array([1, 2, 3, 4]);
  const original = { ...creation(), challenge: bytes.subarray(1, 3) };
  const copy = snapshot(original);
  bytes.fill(0);
  original.rp.name = "changed";
  original.pubKeyCredParams.length = 0;
  const json = JSON.parse(optionsJSON("create", copy));
  assert.equal(json.challenge, "AgM");
  assert.equal(json.rp.name, "R");
  assert.equal(json.pubKeyCredParams.length, 2);
});

test("an object of a class of the page's is read through its getters", () => {
  class Options {
    get challenge() {
      return new Uint8Array([7]);
    }
    get rpId() {
      return "example.com";
    }
  }
  assert.deepEqual(sent("get", new Options()), { challenge: "Bw", rpId: "example.com" });
});

test("what can't be expressed throws, so that the browser serves it", () => {
  assert.throws(() => sent("get", { challenge: "text" }));
  assert.throws(() => sent("get", { challenge: new Uint8Array(1), allowCredentials: new Set() }));
  assert.throws(() => sent("get", { challenge: new Uint8Array(1), rpId: Symbol("x") }));
  assert.throws(() => sent("get", { challenge: new Uint8Array(1), extensions: { big: 1n } }));
});

test("libraries that put toJSON on Array.prototype change nothing", () => {
  Object.defineProperty(Array.prototype, "toJSON", { configurable: true, value: () => "hijacked" });
  try {
    assert.equal(sent("create", creation()).pubKeyCredParams.length, 2);
  } finally {
    Reflect.deleteProperty(Array.prototype, "toJSON");
  }
});

test("half a character becomes the sign for one that is missing", () => {
  const options = creation() as {
    rp: { name: string };
    user: { name: string; displayName: string };
    extensions?: object;
  };
  options.rp.name = "site\udc00";
  options.user.name = "a\ud800b";
  options.user.displayName = "whole \u{1f600}, half \ud83d";
  options.extensions = { "x\ud800": "\udfff" };
  const json = sent("create", options);
  assert.deepEqual(
    [json.rp.name, json.user.name, json.user.displayName, json.extensions],
    ["site\ufffd", "a\ufffdb", "whole \u{1f600}, half \ufffd", { "x\ufffd": "\ufffd" }],
  );
});
