import assert from "node:assert/strict";
import { test } from "node:test";
import { ARMING_MS, Arming, type Touch } from "./arming";

const enter: Touch = { on: "primary/Enter", trusted: true };

/** An arming that has been painted and focused at 0. */
function shown(): Arming {
  const a = new Arming();
  a.painted(0);
  a.focused(0);
  return a;
}

function yes(a: Arming, press: number, release: number, touch = enter): boolean {
  a.press(touch, press);
  return a.release(touch, release);
}

test("nothing counts before it is painted and focused", () => {
  const unpainted = new Arming();
  unpainted.focused(0);
  assert.equal(yes(unpainted, 10_000, 10_001), false);
  const unfocused = new Arming();
  unfocused.painted(0);
  assert.equal(yes(unfocused, 10_000, 10_001), false);
  assert.equal(unfocused.wait(10_000), Number.POSITIVE_INFINITY);
});

test("nothing counts within the wait, everything after it", () => {
  assert.equal(yes(shown(), ARMING_MS - 1, ARMING_MS + 1), false, "pressed too early, released in time");
  assert.equal(yes(shown(), ARMING_MS, ARMING_MS + 1), true);
  assert.equal(shown().wait(100), ARMING_MS - 100);
});

test("the later of paint and focus counts", () => {
  const a = new Arming();
  a.painted(0);
  a.focused(5_000);
  assert.equal(a.armed(5_000 + ARMING_MS - 1), false);
  assert.equal(a.armed(5_000 + ARMING_MS), true);
  a.focused(5_900); // a second focus event without a blur does not prolong it
  assert.equal(a.armed(5_000 + ARMING_MS), true);
});

test("a blur begins the wait anew and forgets the press", () => {
  const a = shown();
  a.press(enter, 1_000);
  a.blurred();
  a.focused(1_001);
  assert.equal(a.release(enter, 3_000), false, "pressed before the blur");
  assert.equal(a.armed(1_001 + ARMING_MS - 1), false);
  assert.equal(yes(a, 1_001 + ARMING_MS, 1_002 + ARMING_MS), true);
});

test("a release without a press, and on another control, is nothing", () => {
  const a = shown();
  assert.equal(a.release(enter, 1_000), false);
  a.press({ on: "primary/pointer", trusted: true }, 1_000);
  assert.equal(a.release({ on: "other/pointer", trusted: true }, 1_010), false);
  assert.equal(a.release({ on: "primary/pointer", trusted: true }, 1_020), false, "the stray release spent the press");
  a.press({ on: "primary/pointer", trusted: true }, 1_100);
  assert.equal(a.release(enter, 1_110), false, "a key does not finish what a pointer began");
});

test("one press makes one yes", () => {
  const a = shown();
  assert.equal(yes(a, 1_000, 1_010), true);
  assert.equal(a.release(enter, 1_020), false);
});

test("typing on while it arms prolongs the wait", () => {
  const a = shown();
  for (let t = 0; t < 2_000; t += 100) a.disturbed(t);
  assert.equal(a.armed(1_900 + ARMING_MS - 1), false);
  assert.equal(a.armed(1_900 + ARMING_MS), true);
  a.disturbed(3_000);
  assert.equal(a.armed(3_000), true, "once armed, typing is what it is for");
  const b = shown();
  b.press(enter, 500);
  assert.equal(b.armed(1_000), false, "a press too early counts as busy hands");
  const c = shown();
  c.press({ ...enter, trusted: false }, 500);
  assert.equal(c.armed(600), true, "a script can't keep it from arming");
});

test("scripted events are not the person", () => {
  const a = shown();
  assert.equal(yes(a, 1_000, 1_010, { ...enter, trusted: false }), false);
  a.press(enter, 2_000);
  assert.equal(a.release({ ...enter, trusted: false }, 2_010), false);
  a.press({ ...enter, trusted: false }, 3_000);
  assert.equal(a.release(enter, 3_010), false);
});

test("a key held down since before the window came is not a press, and holds the wait up", () => {
  const a = shown();
  for (let t = 0; t < 2_000; t += 100) a.press({ ...enter, repeat: true }, t);
  assert.equal(a.release(enter, 2_000), false);
  assert.equal(a.armed(1_900 + ARMING_MS - 1), false);
  a.press(enter, 1_900 + ARMING_MS);
  a.press({ ...enter, repeat: true }, 3_000); // held a little longer than needed: still one press
  assert.equal(a.release(enter, 3_100), true);
});

test("what changes in substance must be looked at anew", () => {
  const a = shown();
  a.press(enter, 1_000);
  a.repainting();
  assert.equal(a.armed(9_000), false);
  a.painted(9_000);
  assert.equal(a.release(enter, 9_000 + ARMING_MS), false, "the press was for what was shown before");
  assert.equal(yes(a, 9_000 + ARMING_MS, 9_001 + ARMING_MS), true);
});

test("nothing counts while something lies in front, nor right after", () => {
  const a = shown();
  a.block("pip");
  a.block("other");
  assert.equal(yes(a, 5_000, 5_001), false);
  a.unblock("pip", 6_000);
  assert.equal(a.blocked, true);
  a.unblock("other", 7_000);
  assert.equal(a.armed(7_000 + ARMING_MS - 1), false);
  assert.equal(yes(a, 7_000 + ARMING_MS, 7_001 + ARMING_MS), true);
  a.unblock("never there", 9_000);
  assert.equal(a.armed(9_000), true, "an unblock of nothing does not disarm");
});
