/**
 * Files on their way to the agent and back, a piece at a time: the page never holds more of one than that. What comes
 * back is sealed; the page could not read it either way.
 */
import { decodeBase64url, encodeBase64url } from "../../shared/base64url";
import type { Transfer, TransferData, TransferNext, TransferPut } from "../../shared/protocol.gen";

/** The most bytes of one piece (TransferPiece in host/protocol/transfer.go). */
export const PIECE = 256 << 10;

/** What a file is read from: a File is one. */
export interface Source {
  readonly size: number;
  slice(from: number, to: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

/** Where a file is written to. `close` finishes it; `abort` leaves nothing behind. */
export interface Sink {
  write(piece: Uint8Array<ArrayBuffer>): Promise<void>;
  close(): Promise<void>;
  abort(): Promise<void>;
}

/** Sends all of `file`, one piece after the other, and resolves to what the agent said to the last one. */
export async function sendPieces(
  id: string,
  file: Source,
  put: (piece: TransferPut) => Promise<Transfer>,
  onBytes: (done: number) => void,
): Promise<Transfer> {
  for (let offset = 0; ; ) {
    const bytes = new Uint8Array(await file.slice(offset, Math.min(offset + PIECE, file.size)).arrayBuffer());
    const end = offset + bytes.length;
    const last = end >= file.size;
    if (bytes.length === 0 && !last) throw new Error("The file became shorter while it was read. Choose it again.");
    const data = encodeBase64url(bytes);
    bytes.fill(0);
    const answer = await put({ id, offset, data, ...(last ? { last } : {}) });
    onBytes(end);
    if (last) return answer;
    offset = end;
  }
}

/** Fetches everything into `sink`, which is left empty-handed when that fails. Resolves to how many bytes came. */
export async function fetchPieces(
  id: string,
  sink: Sink,
  next: (what: TransferNext) => Promise<TransferData>,
  onBytes: (done: number) => void,
): Promise<number> {
  try {
    for (let offset = 0; ; ) {
      const { data, last } = await next({ id, offset });
      const bytes = decodeBase64url(data);
      if (bytes.length === 0 && !last) throw new Error("Keyferry sent an empty piece. Try again.");
      await sink.write(bytes);
      offset += bytes.length;
      onBytes(offset);
      if (last) {
        await sink.close();
        return offset;
      }
    }
  } catch (error) {
    await sink.abort();
    throw error;
  }
}
