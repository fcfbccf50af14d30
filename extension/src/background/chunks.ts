/**
 * Frames that are longer than the wire takes travel as chunks, both ways (host/protocol, Chunk): pieces of
 * {@link CHUNK_SIZE} bytes of the frame's JSON, in order, those of different frames possibly interleaved.
 */
import { decodeBase64url, encodeBase64url } from "../shared/base64url";
import { CHUNK_SIZE, type Chunk, type Frame, MAX_MESSAGE } from "../shared/protocol.gen";

/** How many frames may be on their way in pieces at once; more is a host gone mad, and memory is bounded by it. */
const MAX_PARTIAL = 16;

/** The wire frames for a frame: itself, or its chunks. @throws {RangeError} over {@link MAX_MESSAGE}. */
export function split(frame: Frame): Frame[] {
  const json = JSON.stringify(frame);
  // At most 3 bytes of UTF-8 for each UTF-16 unit: most frames need no encoding to know that they fit.
  if (json.length * 3 <= CHUNK_SIZE) return [frame];
  const bytes = new TextEncoder().encode(json);
  if (bytes.length <= CHUNK_SIZE) return [frame];
  if (bytes.length > MAX_MESSAGE) throw new RangeError(`a message of ${bytes.length} bytes is over the limit`);
  const of = encodeBase64url(crypto.getRandomValues(new Uint8Array(12)));
  const frames: Frame[] = [];
  for (let at = 0, seq = 0; at < bytes.length; at += CHUNK_SIZE, seq++) {
    const data = encodeBase64url(bytes.subarray(at, at + CHUNK_SIZE));
    frames.push({
      ...(frame.id === undefined ? {} : { id: frame.id }),
      chunk: { of, seq, last: at + CHUNK_SIZE >= bytes.length, data },
    });
  }
  return frames;
}

/** What a host may not send. The port is closed on it: after a gap nothing that follows can be trusted to be whole. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

/** Puts chunks together again. */
export class Assembler {
  readonly #partial = new Map<string, { pieces: Uint8Array[]; size: number }>();
  #size = 0;

  /** The frame that this wire frame completes, if it does. @throws {FrameError} */
  accept(frame: Frame): Frame | undefined {
    if (!frame.chunk) return frame;
    const { of, seq, last, data } = frame.chunk satisfies Chunk;
    const partial = this.#partial.get(of) ?? { pieces: [], size: 0 };
    if (seq !== partial.pieces.length) throw new FrameError(`chunk ${seq} came where ${partial.pieces.length} was due`);
    const piece = decodeBase64url(data);
    if (piece.length === 0 || piece.length > CHUNK_SIZE) throw new FrameError(`a chunk of ${piece.length} bytes`);
    this.#size += piece.length;
    partial.size += piece.length;
    if (this.#size > MAX_MESSAGE) throw new FrameError(`chunks of more than ${MAX_MESSAGE} bytes`);
    partial.pieces.push(piece);
    if (!last) {
      this.#partial.set(of, partial);
      if (this.#partial.size > MAX_PARTIAL) throw new FrameError("too many messages in pieces");
      return undefined;
    }
    this.#partial.delete(of);
    this.#size -= partial.size;
    return parse(join(partial.pieces, partial.size));
  }
}

function join(pieces: Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function parse(bytes: Uint8Array): Frame {
  let frame: Frame;
  try {
    frame = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new FrameError("a chunked message is not JSON", { cause });
  }
  if (typeof frame !== "object" || frame === null || frame.chunk) throw new FrameError("a chunked message is no frame");
  return frame;
}
