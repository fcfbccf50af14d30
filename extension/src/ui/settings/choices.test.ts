import assert from "node:assert/strict";
import { test } from "node:test";
import { choices } from "./choices";

test("the choice in force is always among the options, in its place", () => {
  assert.deepEqual(choices([60_000, 300_000], 120_000), [
    [60_000, "1 minute"],
    [120_000, "2 minutes"],
    [300_000, "5 minutes"],
  ]);
  assert.deepEqual(choices([0, 60_000], 0, "ask every time")[0], [0, "ask every time"]);
  assert.equal(choices([60_000], 60_000).length, 1);
});
