import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { encode, versionFor } from "./qr";

/** The most bytes of each version at level L (ISO/IEC 18004, table 7). */
const CAPACITIES = [
  17, 32, 53, 78, 106, 134, 154, 192, 230, 271, 321, 367, 425, 458, 520, 586, 644, 718, 792, 858, 929, 1003, 1091, 1171,
  1273, 1367, 1465, 1528, 1628, 1732, 1840, 1952, 2068, 2188, 2303, 2431, 2563, 2699, 2809, 2953,
];

const bytes = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => 32 + ((i * 7 + ((i * i) >> 3)) % 95));

test("every version takes as much as the standard's table says, and no byte more", () => {
  for (const [i, most] of CAPACITIES.entries()) {
    assert.equal(versionFor(most), i + 1);
    assert.equal(versionFor(most + 1), i < 39 ? i + 2 : undefined);
  }
  assert.equal(encode(bytes(2954)), undefined);
});

// What these codes hold was read back by two decoders that have nothing in common with this encoder (ZXing and jsQR, all
// forty versions with their capacity filled). The hashes keep it that way.
test("codes are those that independent decoders have read", () => {
  const known: ReadonlyArray<readonly [bytes: number, size: number, hash: string]> = [
    [1, 21, "d1da4e324641f3f5"],
    [17, 21, "1e9829c02849e2d3"],
    [18, 25, "4a87dbc7744aa9d3"],
    [134, 41, "b8b407a498c3b037"],
    [135, 45, "070f38233cd56c7e"],
    [458, 73, "fe24fcc3672bbad1"],
    [1732, 137, "ee8d1b7ced9b3cfb"],
    [1840, 141, "ebdfa2a689e6ff1c"],
    [1841, 145, "1324c24d5a5495a7"],
    [2068, 149, "c7c3c4f032578d17"],
    [2953, 177, "fc0e497590827f22"],
  ];
  for (const [length, size, hash] of known) {
    const code = encode(bytes(length));
    assert.equal(code?.size, size);
    assert.equal(createHash("sha256").update(code.dark.join("")).digest("hex").slice(0, 16), hash, `${length} bytes`);
  }
});

test("the finders stand in three corners", () => {
  const code = encode(bytes(2545)); // as long as a request with a post-quantum key
  assert.equal(code?.size, 165);
  const row = (n: number): string => code.dark.slice(n * code.size, (n + 1) * code.size).join("");
  for (const n of [0, 6]) {
    assert.match(row(n), /^11111110/);
    assert.match(row(n), /01111111$/);
  }
  assert.match(row(code.size - 1), /^11111110/);
  assert.doesNotMatch(row(code.size - 1), /01111111$/);
});
