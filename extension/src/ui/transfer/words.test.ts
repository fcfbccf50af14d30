import assert from "node:assert/strict";
import { test } from "node:test";
import { groupsOf } from "./Groups";
import { hashOf, type Place, placeOf } from "./place";
import { choiceName, excludedText, fingerprintOf, size, timeLeft, typeCounts, typeNames } from "./words";

test("a fingerprint from a digest is the one that the host shows", () => {
  // What cxp.FingerprintOf(nil) gives: the SHA-256 of nothing.
  const digest = Buffer.from("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "hex");
  assert.equal(fingerprintOf(digest.toString("base64url")), "WERC-8GMR-ZGE1-96QV-YK49-JVXS");
  assert.equal(fingerprintOf(Buffer.alloc(32).toString("base64url")), "0000-0000-0000-0000-0000-0000");
  assert.equal(fingerprintOf(Buffer.alloc(32, 255).toString("base64url")), "ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ");
});

test("groups in the agent's order, forgiving about how they are typed", () => {
  assert.deepEqual(groupsOf([4, 1], { 1: " ab-cd ", 4: "7kq2" }), ["7KQ2", "ABCD"]);
  assert.equal(groupsOf([4, 1], { 1: "abcd" }), undefined);
  assert.equal(groupsOf([1], { 1: "abcde" }), undefined);
});

test("counts by type: passkeys first, then the most, none left out", () => {
  assert.deepEqual(typeCounts({ note: 1, "basic-auth": 20, passkey: 2, made: 3, totp: 0 }), [
    "2 passkeys",
    "20 passwords",
    "3 things of type “made”",
    "1 note",
  ]);
  assert.deepEqual(typeCounts(undefined), []);
  assert.equal(typeNames(["basic-auth", "totp", "basic-auth", "odd"]), "password, one-time code, odd");
});

test("sizes", () => {
  assert.equal(size(0), "0 bytes");
  assert.equal(size(1), "1 byte");
  assert.equal(size(999), "999 bytes");
  assert.equal(size(1000), "1.0 kB");
  assert.equal(size(9_960), "10 kB");
  assert.equal(size(999_600), "1.0 MB");
  assert.equal(size(5_400_000_000), "5.4 GB");
});

test("time left is said only when it is long and known", () => {
  assert.equal(timeLeft(1000, 1, 100), "", "too early to tell");
  assert.equal(timeLeft(10_000, 0, 100), "");
  assert.equal(timeLeft(10_000, 100, 100), "");
  assert.equal(timeLeft(10_000, 90, 100), "", "a second or so");
  assert.equal(timeLeft(10_000, 20, 100), "about 40 seconds left");
  assert.equal(timeLeft(10_000, 1, 100), "about 17 minutes left");
});

test("what an app excludes is said in words", () => {
  const provider = {
    id: "p",
    rpId: "app.example",
    name: "Example App",
    program: "/p",
    system: true,
    file: "/f",
    state: "known",
  };
  const transfer = { id: "t", kind: "direct", out: true, state: "asking", startedAt: 0, provider };
  assert.equal(excludedText({ ...transfer, leftOut: 3 }), "");
  assert.equal(
    excludedText({ ...transfer, leftOut: 2, excluded: 2 }),
    "Example App does not take logins for their sites.",
  );
  assert.equal(
    excludedText({ ...transfer, leftOut: 1, excluded: 1 }),
    "Example App does not take logins for its site.",
  );
  assert.equal(
    excludedText({ ...transfer, leftOut: 3, excluded: 1, provider: { ...provider, name: "" } }),
    "1 of them stays because the other app does not take logins for its site.",
  );
  assert.equal(
    excludedText({ ...transfer, leftOut: 30, excluded: 12 }),
    "12 of them stay because Example App does not take logins for their sites.",
  );
});

test("a choice is named by what it does", () => {
  assert.equal(choiceName("keep", "new"), "Leave out");
  assert.equal(choiceName("keep", "differs"), "Keep mine");
  assert.equal(choiceName("take", "conflict"), "Take theirs");
  assert.equal(choiceName("merge", "differs"), "Fill my empty fields");
});

test("places survive the address", () => {
  const places: Place[] = [{ at: "start" }, { at: "out-backup" }, { at: "in-file" }, { at: "transfer", id: "a-b_c" }];
  for (const place of places) assert.deepEqual(placeOf(`#${hashOf(place)}`), place);
  assert.deepEqual(placeOf("#transfer="), { at: "start" });
  assert.deepEqual(placeOf("#elsewhere"), { at: "start" });
});
