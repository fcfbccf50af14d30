import assert from "node:assert/strict";
import { test } from "node:test";
import { faultOf, sentence } from "./fault";
import { ago, count, initial, phraseWords, span, threePlaces } from "./words";

test("ago", () => {
  const now = 1_800_000_000_000;
  assert.equal(ago(now - 5_000, now), "just now");
  assert.equal(ago(now + 60_000, now), "just now", "a clock that went back");
  assert.equal(ago(now - 60_000, now), "1 minute ago");
  assert.equal(ago(now - 26 * 3_600_000, now), "yesterday");
  assert.equal(ago(now - 3 * 86_400_000, now), "3 days ago");
  assert.equal(ago(now - 400 * 86_400_000, now), "last year");
});

test("span and count", () => {
  assert.equal(span(0), "not at all");
  assert.equal(span(60_000), "1 minute");
  assert.equal(span(900_000), "15 minutes");
  assert.equal(span(43_200_000), "12 hours");
  assert.equal(span(90_000), "90 seconds");
  assert.equal(count(1, "passkey"), "1 passkey");
  assert.equal(count(1204, "passkey"), "1,204 passkeys");
});

test("phraseWords takes what people paste", () => {
  assert.deepEqual(phraseWords(" 1. Apple\n2.  banana, 3) cherry "), ["apple", "banana", "cherry"]);
  assert.deepEqual(phraseWords("  "), []);
});

test("threePlaces are three different ones in order", () => {
  const draws = [0.99, 0.0, 0.0, 0.5];
  assert.deepEqual(
    threePlaces(12, () => draws.shift() ?? 0),
    [0, 6, 11],
  );
  assert.equal(threePlaces(2, Math.random).length, 2);
});

test("initial", () => {
  assert.equal(initial("example.com"), "e");
  assert.equal(initial("…"), "?");
  assert.equal(initial("ümlaut.de"), "ü");
});

test("faultOf names what the host named, and never shows an unknown name", () => {
  assert.deepEqual(faultOf({ code: 24, name: "wrong-secret", message: "wrong passphrase; nothing was changed" }), {
    name: "wrong-secret",
    title: "That wasn't right",
    text: "Wrong passphrase; nothing was changed.",
  });
  assert.equal(faultOf(new DOMException("x", "AbortError")).name, "canceled");
  assert.equal(faultOf(new TypeError("boom")).name, "unknown");
  assert.equal(faultOf(undefined).name, "unknown");
  assert.equal(faultOf({ code: 99, name: "from-the-future", message: "new trouble" }).text, "New trouble.");
  assert.equal(sentence("done!"), "done!".replace("d", "D"));
});
