import assert from "node:assert/strict";
import { test } from "node:test";
import { CHUNK_SIZE, type Frame, MAX_MESSAGE } from "../shared/protocol.gen";
import { Assembler, FrameError, split } from "./chunks";

const bytes = (frame: Frame) => Buffer.byteLength(JSON.stringify(frame));

function through(frames: Frame[]): Frame[] {
  const assembler = new Assembler();
  return frames.map(f => assembler.accept(JSON.parse(JSON.stringify(f)))).filter(f => f !== undefined);
}

const ofSize = (size: number): Frame => {
  const frame = { id: "1", type: "ping", body: "" };
  return { ...frame, body: "x".repeat(size - bytes(frame)) };
};

test("a frame is cut only when its JSON is longer than a chunk", () => {
  assert.equal(split(ofSize(CHUNK_SIZE)).length, 1);
  assert.equal(split(ofSize(CHUNK_SIZE + 1)).length, 2);
  assert.equal(split(ofSize(3 * CHUNK_SIZE)).length, 3);
});

test("what is cut comes together again, whatever characters lie on the cut", () => {
  for (const text of ["é", "€", "😀", '\\"', "\u0000"]) {
    const frame: Frame = { id: "7", type: "ping", body: text.repeat(300_000) };
    assert.deepEqual(through(split(frame)), [frame]);
  }
});

test("every piece fits the wire and names its request", () => {
  for (const piece of split({ id: "9", type: "ping", body: "\u0001".repeat(500_000) })) {
    assert.ok(bytes(piece) <= 1 << 20);
    assert.equal(piece.id, "9");
  }
});

test("pieces of several frames may be interleaved", () => {
  const frames = ["a", "b", "c"].map(id => ({ id, type: "ping", body: id.repeat(3 * CHUNK_SIZE) }));
  const cut = frames.map(split);
  const mixed: Frame[] = [];
  for (let i = 0; i < Math.max(...cut.map(c => c.length)); i++)
    for (const c of cut) if (c[i]) mixed.push(c[i] as Frame);
  assert.deepEqual(through(mixed), frames);
});

test("a gap, a repetition, an empty piece and broken JSON are refused", () => {
  const [one, two] = split({ id: "1", body: "x".repeat(2 * CHUNK_SIZE) }) as [Frame, Frame, Frame];
  assert.throws(() => through([two]), FrameError);
  assert.throws(() => through([one, one]), FrameError);
  assert.throws(() => through([{ chunk: { of: "a", seq: 0, last: true, data: "" } }]), FrameError);
  assert.throws(() => through([{ chunk: { of: "a", seq: 0, last: true, data: "bm8" } }]), FrameError);
  assert.throws(() => through([{ chunk: { of: "a", seq: 0, last: true, data: "MQ" } }]), FrameError);
});

test("memory is bounded: by the sum of the pieces and by the number of frames on their way", () => {
  const assembler = new Assembler();
  const data = Buffer.alloc(CHUNK_SIZE).toString("base64url");
  const most = MAX_MESSAGE / CHUNK_SIZE;
  for (let seq = 0; seq < most; seq++)
    assembler.accept({ chunk: { of: `${seq % 8}`, seq: seq >> 3, last: false, data } });
  assert.throws(() => assembler.accept({ chunk: { of: "0", seq: most >> 3, last: false, data } }), FrameError);
  const many = new Assembler();
  assert.throws(() => {
    for (let i = 0; i < 1000; i++) many.accept({ chunk: { of: `${i}`, seq: 0, last: false, data: "MQ" } });
  }, FrameError);
});

test("a message over the limit is not sent at all", () => {
  assert.throws(() => split({ id: "1", body: "x".repeat(MAX_MESSAGE) }), RangeError);
});
