import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeBase64url, encodeBase64url } from "../../shared/base64url";
import type { Transfer, TransferPut } from "../../shared/protocol.gen";
import { fetchPieces, PIECE, type Sink, sendPieces } from "./pieces";

const SOME: Transfer = { id: "t", kind: "plain", out: false, state: "receiving", startedAt: 0 };

function bytesOf(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 255);
}

/** An agent's end that takes pieces only in their order, as the real one does. */
function receiver(): { put: (piece: TransferPut) => Promise<Transfer>; got: Uint8Array[]; ended: () => boolean } {
  const got: Uint8Array[] = [];
  let size = 0;
  let last = false;
  return {
    got,
    ended: () => last,
    put: async piece => {
      assert.equal(piece.offset, size);
      assert.equal(last, false, "nothing comes after the last piece");
      const data = decodeBase64url(piece.data);
      assert.ok(data.length <= PIECE);
      got.push(data);
      size += data.length;
      last = piece.last ?? false;
      return SOME;
    },
  };
}

test("a file goes up whole and in order, whatever its size", async () => {
  for (const length of [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 7]) {
    const to = receiver();
    const seen: number[] = [];
    const all = bytesOf(length);
    await sendPieces("t", new Blob([all]), to.put, n => seen.push(n));
    assert.deepEqual(Buffer.concat(to.got), Buffer.from(all), `${length} bytes`);
    assert.equal(to.ended(), true);
    assert.equal(seen.at(-1), length);
    assert.equal(to.got.length, Math.max(1, Math.ceil(length / PIECE)));
  }
});

test("a file that shrinks while it is read does not end well", async () => {
  const file = { size: PIECE + 10, slice: () => new Blob([]) };
  await assert.rejects(
    sendPieces("t", file, receiver().put, () => {}),
    /shorter/,
  );
});

test("a refusal stops the sending", async () => {
  let asked = 0;
  const put = async (): Promise<Transfer> => {
    asked++;
    throw new Error("no");
  };
  await assert.rejects(
    sendPieces("t", new Blob([bytesOf(3 * PIECE)]), put, () => {}),
    /no/,
  );
  assert.equal(asked, 1);
});

function memory(): Sink & { parts: Uint8Array[]; end: string } {
  return {
    parts: [],
    end: "",
    async write(piece) {
      this.parts.push(piece);
    },
    async close() {
      this.end += "closed";
    },
    async abort() {
      this.end += "aborted";
    },
  };
}

test("a file comes down whole, and is closed once", async () => {
  for (const length of [0, 5, PIECE, 2 * PIECE + 3]) {
    const all = bytesOf(length);
    const sink = memory();
    const got = await fetchPieces(
      "t",
      sink,
      async ({ offset }) => {
        const data = all.subarray(offset, offset + PIECE);
        return { data: encodeBase64url(data), last: offset + data.length === length };
      },
      () => {},
    );
    assert.equal(got, length);
    assert.deepEqual(Buffer.concat(sink.parts), Buffer.from(all));
    assert.equal(sink.end, "closed");
  }
});

test("what fails on the way leaves nothing", async () => {
  for (const next of [
    async () => ({ data: "", last: false }),
    async ({ offset }: { offset: number }) => {
      if (offset > 0) throw new Error("gone");
      return { data: encodeBase64url(bytesOf(9)), last: false };
    },
  ]) {
    const sink = memory();
    await assert.rejects(fetchPieces("t", sink, next, () => {}));
    assert.equal(sink.end, "aborted");
  }
  const full = memory();
  full.write = async () => {
    throw new Error("the disk is full");
  };
  await assert.rejects(
    fetchPieces(
      "t",
      full,
      async () => ({ data: "AA", last: true }),
      () => {},
    ),
    /full/,
  );
  assert.equal(full.end, "aborted");
});
