import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConnectionState } from "../../shared/host";
import type { Status } from "../../shared/protocol.gen";
import { type Facts, progress, type Step, stepOf } from "./step";

function ok(vault: Status["vault"], paired: "yes" | "no" | "unknown"): ConnectionState {
  const status: Status = { vault, dialog: "pinentry", version: "1", profile: "default" };
  return { kind: "ok", hello: { protocol: 1, version: "1", nonce: "", status }, status, paired, test: false };
}

const cases: ReadonlyArray<readonly [string, Partial<Facts>, Step]> = [
  ["no host", { connection: { kind: "host-missing", message: "" } }, "host"],
  ["an old host", { connection: { kind: "too-old", update: "host", message: "" } }, "host"],
  ["Firefox before the permission", { sites: false }, "sites"],
  ["nothing there yet", { connection: ok("none", "no") }, "vault"],
  ["a vault from another browser, locked", { connection: ok("locked", "unknown") }, "unlock"],
  ["a vault from another browser, open", { connection: ok("unlocked", "no") }, "pair"],
  ["known not to be paired while locked", { connection: ok("locked", "no") }, "pair"],
  ["all there, locked", { connection: ok("locked", "yes") }, "unlock"],
  ["all there", { connection: ok("unlocked", "yes") }, "done"],
  ["damaged", { connection: ok("damaged", "unknown") }, "damaged"],
  [
    "a phrase to be kept goes first, even when the host is gone",
    { connection: { kind: "failed", message: "" }, phraseOpen: true },
    "phrase",
  ],
  ["permission not known yet", { sites: undefined }, "done"],
];

for (const [name, facts, step] of cases) {
  test(`next step: ${name}`, () => {
    assert.equal(stepOf({ connection: ok("unlocked", "yes"), sites: true, phraseOpen: false, ...facts }), step);
  });
}

test("the list of steps has a phrase only where one is made", () => {
  assert.deepEqual(progress("pair", false), { names: ["Connect", "Vault", "This browser"], current: 2 });
  assert.equal(progress("pair", true).current, 3);
  assert.equal(progress("done", true).current, 4);
});
