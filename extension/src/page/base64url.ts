/** Base64url without padding (RFC 4648 §5), with nothing in it that a page could have replaced. */
import { PageError, PageUint8Array } from "./primitives";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const values: Record<string, number> = { __proto__: null as never };
for (let i = 0; i < 64; i++) values[ALPHABET[i] as string] = i;

/** Encodes bytes. */
export function encode(bytes: Uint8Array, length: number): string {
  let out = "";
  for (let i = 0; i < length; i += 3) {
    const left = length - i;
    const n =
      ((bytes[i] as number) << 16) |
      ((left > 1 ? (bytes[i + 1] as number) : 0) << 8) |
      (left > 2 ? (bytes[i + 2] as number) : 0);
    out += (ALPHABET[n >> 18] as string) + ALPHABET[(n >> 12) & 63];
    if (left > 1) out += ALPHABET[(n >> 6) & 63];
    if (left > 2) out += ALPHABET[n & 63];
  }
  return out;
}

/** Decodes text without padding. @throws {TypeError} for anything that is not base64url. */
export function decode(text: string): Uint8Array<ArrayBuffer> {
  const length = text.length;
  const rest = length & 3;
  if (rest === 1) throw new PageError("not base64url");
  // Kept here: `out.length` would be a getter that a page can replace.
  const size = (length >> 2) * 3 + (rest === 0 ? 0 : rest - 1);
  const out = new PageUint8Array(size);
  let at = 0;
  for (let i = 0; i < length; i += 4) {
    let n = 0;
    for (let j = 0; j < 4; j++) {
      const value = i + j < length ? values[text[i + j] as string] : 0;
      if (value === undefined) throw new PageError("not base64url");
      n = (n << 6) | value;
    }
    out[at++] = n >> 16;
    if (at < size) out[at++] = (n >> 8) & 255;
    if (at < size) out[at++] = n & 255;
  }
  return out;
}
