#!/usr/bin/env node
// A stand-in for the native host, for tests of the extension's own road: it says what it was asked, and answers as
// the relying party's name (create) or RP ID (get) tells it to. It signs nothing. Whatever needs the real host is
// tested against the real host (../*.test.mjs).
import { createHash, randomBytes, webcrypto } from "node:crypto";
import { appendFileSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const log = join(process.env.KEYFERRY_FAKE_LOG ?? here, "fake-host.log");
const note = what => appendFileSync(log, `${JSON.stringify(what)}\n`);
const CHUNK = 256 << 10;

function sendRaw(frame) {
  const body = Buffer.from(JSON.stringify(frame));
  const head = Buffer.alloc(4);
  head.writeUInt32LE(body.length);
  const all = Buffer.concat([head, body]);
  for (let at = 0; at < all.length; ) at += writeSync(1, all, at);
}

function send(frame) {
  const body = Buffer.from(JSON.stringify(frame));
  if (body.length <= CHUNK) return sendRaw(frame);
  const of = randomBytes(8).toString("base64url");
  for (let at = 0, seq = 0; at < body.length; at += CHUNK, seq++)
    sendRaw({
      chunk: { of, seq, last: at + CHUNK >= body.length, data: body.subarray(at, at + CHUNK).toString("base64url") },
    });
}

const caller = process.argv.slice(2).find(a => a.startsWith("chrome-extension://")) ?? process.argv.at(-1);
const nonce = randomBytes(32);
const status = { vault: "unlocked", dialog: "none", version: "0", profile: "default" };
const waiting = new Map(); // request name -> frame id
const partial = new Map();

async function signatureHolds({ publicKey, signature }) {
  const key = await webcrypto.subtle.importKey(
    "spki",
    Buffer.from(publicKey, "base64url"),
    { name: "ECDSA", namedCurve: "P-256" },
    false,
    ["verify"],
  );
  const message = Buffer.concat([Buffer.from("keyferry session 1\0"), nonce, Buffer.from(caller)]);
  return webcrypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, Buffer.from(signature, "base64url"), message);
}

const b64 = text => Buffer.from(text).toString("base64url");

function credential(frame) {
  const rawId = createHash("sha256").update(JSON.stringify(frame.sender.origin)).digest("base64url");
  const common = { id: rawId, rawId, type: "public-key", authenticatorAttachment: "platform" };
  const clientDataJSON = b64(JSON.stringify({ sender: frame.sender, body: frame.body }));
  if (frame.type === "webauthn.get")
    return {
      ...common,
      clientExtensionResults: {},
      response: { clientDataJSON, authenticatorData: b64("auth"), signature: b64("sig"), userHandle: b64("user") },
    };
  return {
    ...common,
    clientExtensionResults: { credProps: { rk: true } },
    response: {
      clientDataJSON,
      authenticatorData: b64("auth"),
      attestationObject: b64("att"),
      publicKey: b64("key"),
      publicKeyAlgorithm: -7,
      transports: ["internal", "hybrid"],
    },
  };
}

function webauthn(frame) {
  const { id, type, body } = frame;
  const answer = rest => send({ id, re: type, body: rest });
  const how = body.options.rp?.name ?? body.options.hints?.[0] ?? "";
  const ceremony = body.request;
  if (how === "browser") return answer({ outcome: "browser", reason: "no-match" });
  if (how === "no")
    return answer({ outcome: "error", ceremony, error: { name: "NotAllowedError", message: "The person said no." } });
  if (how === "excluded")
    return answer({ outcome: "error", ceremony, error: { name: "InvalidStateError", message: "Registered." } });
  if (how === "type")
    return answer({ outcome: "error", ceremony, error: { name: "TypeError", message: "Wrong type." } });
  if (how === "die") process.exit(3);
  if (how === "hang") return void waiting.set(id, frame);
  if (how === "window" || how === "other") {
    waiting.set(id, frame);
    return send({ event: "ceremony.show", body: { ceremony, request: body.request, tabId: frame.sender.tabId } });
  }
  answer({ outcome: "credential", ceremony, credential: credential(frame) });
}

function refuse({ id, type, body }) {
  for (const [frameID, frame] of waiting) {
    if (frame.body.request !== body.ceremony) continue;
    waiting.delete(frameID);
    send({ event: "ceremony.end", body: { ceremony: body.ceremony } });
    // As if the person had chosen another device rather than closed the window.
    const other = { outcome: "browser", reason: "other-device" };
    const no = { outcome: "error", error: { name: "NotAllowedError", message: "refused" } };
    const wanted = frame.body.options.rp?.name ?? frame.body.options.hints?.[0];
    send({ id: frameID, re: frame.type, body: wanted === "other" ? other : no });
  }
  send({ id, re: type, body: {} });
}

async function handle(frame) {
  note(frame);
  const { id, type, body } = frame;
  if (frame.cancel) {
    const open = waiting.get(id);
    waiting.delete(id);
    if (open) send({ id, re: open.type, error: { code: 13, name: "canceled", message: "cancelled" } });
    return;
  }
  if (type === "session") {
    const holds = await signatureHolds(body);
    note({ signature: holds });
    if (mode === "old") {
      send({ id, re: type, error: { code: 5, name: "version", message: "update the host" } });
      return;
    }
    if (mode === "newer") {
      send({ id, re: type, error: { code: 5, name: "version", message: "update the extension" } });
      return;
    }
    if (!holds) return send({ id, re: type, error: { code: 6, name: "not-paired", message: "bad signature" } });
    return send({ id, re: type, body: { protocol: 1, paired: "yes", status } });
  }
  if (type === "bridge.profile") return send({ id, re: type, body: {} });
  if (type === "ping") return send({ id, re: type, body });
  if (type === "status") return send({ id, re: type, body: status });
  if (type === "sites.off") return send({ id, re: type, body: { sites: ["off.localhost"] } });
  if (type === "webauthn.create" || type === "webauthn.get") return webauthn(frame);
  if (type === "ceremony.refuse") return refuse(frame);
  if (type.startsWith("webauthn.")) return send({ id, re: type, body: {} });
  send({ id, re: type, error: { code: 3, name: "unknown-type", message: "the fake host does not know this" } });
}

function accept(frame) {
  if (!frame.chunk) return handle(frame);
  const { of, last, data } = frame.chunk;
  const pieces = partial.get(of) ?? [];
  pieces.push(Buffer.from(data, "base64url"));
  partial.set(of, pieces);
  if (!last) return;
  partial.delete(of);
  handle(JSON.parse(Buffer.concat(pieces).toString()));
}

note({ start: process.pid, caller });
// How this host is broken, if the test wants it so.
const mode = process.env.KEYFERRY_FAKE_MODE ?? "";
if (mode === "unknown-caller") {
  send({ event: "bridge.error", error: { code: 16, name: "unknown-caller", message: "not one of ours" } });
  process.exit(1);
}
if (mode === "gap") send({ chunk: { of: "x", seq: 3, last: true, data: "AA" } });
send({
  event: "agent.hello",
  body: { protocol: mode === "newer" ? 2 : 1, version: "0", nonce: nonce.toString("base64url"), status },
});
let buffered = Buffer.alloc(0);
process.stdin.on("data", data => {
  buffered = Buffer.concat([buffered, data]);
  while (buffered.length >= 4 && buffered.length >= 4 + buffered.readUInt32LE(0)) {
    const length = buffered.readUInt32LE(0);
    const frame = JSON.parse(buffered.subarray(4, 4 + length).toString());
    buffered = buffered.subarray(4 + length);
    accept(frame);
  }
});
process.stdin.on("end", () => process.exit(0));
