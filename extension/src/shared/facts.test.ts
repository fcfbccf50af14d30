import assert from "node:assert/strict";
import { test } from "node:test";
import { siteIsOff } from "./facts";

test("a site is its host and what lies below, by whole labels", () => {
  const off = ["example.com", "localhost"];
  for (const origin of ["https://example.com", "https://a.b.example.com:8443", "http://localhost:3000"])
    assert.ok(siteIsOff(origin, off), origin);
  for (const origin of ["https://evil-example.com", "https://example.com.evil", "https://com", "null", "", "data:,"])
    assert.ok(!siteIsOff(origin, off), origin);
});
