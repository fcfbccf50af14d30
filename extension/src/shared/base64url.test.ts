import assert from "node:assert/strict";
import { test } from "node:test";
import * as page from "../page/base64url";
import { decodeBase64url, encodeBase64url } from "./base64url";

const samples = Array.from({ length: 70 }, (_, n) =>
  Uint8Array.from({ length: n }, (_, i) => (i * 37 + n * 101) & 255),
);

test("both codecs agree with node's", () => {
  for (const bytes of [...samples, new Uint8Array(20_000).fill(251)]) {
    const text = Buffer.from(bytes).toString("base64url");
    assert.equal(encodeBase64url(bytes), text);
    assert.equal(page.encode(bytes, bytes.length), text);
    assert.deepEqual(decodeBase64url(text), bytes);
    assert.deepEqual(page.decode(text), bytes);
  }
});

test("padding is accepted by the lenient one", () => {
  assert.deepEqual([...decodeBase64url("AQ==")], [1]);
});

test("what is no base64url is refused", () => {
  for (const text of ["A", "AAAAA", "A+", "A A", "é", "__proto__x", "constructor"]) {
    if (/^[\w-]*$/.test(text) && text.length % 4 !== 1) continue;
    assert.throws(() => page.decode(text), text);
  }
  assert.throws(() => decodeBase64url("A"));
  assert.throws(() => decodeBase64url("é€"));
});
