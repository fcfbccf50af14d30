import assert from "node:assert/strict";
import { test } from "node:test";
import { command } from "./command";

test("a command names the profile unless it is the default one", () => {
  assert.equal(command("doctor vault", "default"), "keyferry doctor vault");
  assert.equal(command("doctor vault", undefined), "keyferry doctor vault");
  assert.equal(command("pair 48217730", "work"), "keyferry --profile work pair 48217730");
});
