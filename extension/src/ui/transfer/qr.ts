/**
 * QR codes (ISO/IEC 18004), as much of them as a request needs: bytes only, error correction level L, every version from 1
 * (21 × 21 modules, 17 bytes) to 40 (177 × 177, 2,953 bytes). The steps are those of the standard: data codewords (§7.4),
 * Reed–Solomon over GF(256) in blocks (§7.5), interleaving (§7.6), placement (§7.7), the mask with the least penalty (§7.8),
 * format and version information (§7.9, §7.10).
 */

/** A code as modules, row by row; 1 is dark. The quiet zone around it (four modules) is left to whoever draws it. */
export interface Code {
  readonly size: number;
  readonly dark: Uint8Array;
}

/** Error correction codewords in each block, level L, by version from 1 (table 9). */
const CORRECTION = [
  7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28, 28, 28, 30, 30, 26, 28, 30, 30, 30, 30,
  30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
];

/** Blocks, level L, by version from 1 (table 9). */
const BLOCKS = [
  1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8, 8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17, 18, 19, 19,
  20, 21, 22, 24, 25,
];

const at = (table: readonly number[], version: number): number => table[version - 1] ?? 0;

/** Coordinates of the alignment patterns' centres (annex E): evenly spaced by an even step, backwards from the end. */
function alignments(version: number): number[] {
  if (version === 1) return [];
  const n = Math.floor(version / 7) + 2;
  const last = 4 * version + 10;
  const step = version === 32 ? 26 : 2 * Math.ceil((last - 6) / (2 * (n - 1)));
  return [6, ...Array.from({ length: n - 1 }, (_, i) => last - (n - 2 - i) * step)];
}

/** All codewords of a version, data and correction: what is left of the square beside its patterns. */
function codewords(version: number): number {
  const size = 4 * version + 17;
  const n = alignments(version).length;
  // Three corners have a finder; alignment patterns on the timing lines share five modules with these.
  const aligned = n === 0 ? 0 : 25 * (n * n - 3) - 5 * 2 * (n - 2);
  const timing = 2 * (size - 16);
  const patterns = 3 * 64 + aligned + timing + 31 + (version >= 7 ? 36 : 0);
  return Math.floor((size * size - patterns) / 8);
}

/** How many data codewords a version takes at level L. */
function capacity(version: number): number {
  return codewords(version) - at(CORRECTION, version) * at(BLOCKS, version);
}

/** The smallest version that takes so many bytes; undefined where none does. */
export function versionFor(bytes: number): number | undefined {
  for (let version = 1; version <= 40; version++) {
    const bits = 4 + (version < 10 ? 8 : 16) + 8 * bytes;
    if (bits <= 8 * capacity(version)) return version;
  }
  return undefined;
}

/** The code of some bytes, or undefined where they are too many for any. */
export function encode(bytes: Uint8Array): Code | undefined {
  const version = versionFor(bytes.length);
  if (version === undefined) return undefined;
  return place(version, interleave(version, dataCodewords(version, bytes)));
}

/** Mode, length, bytes, terminator and padding. */
function dataCodewords(version: number, bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(capacity(version));
  let bit = 0;
  const put = (value: number, width: number): void => {
    for (let i = width - 1; i >= 0; i--, bit++)
      if ((value >> i) & 1) out[bit >> 3] = (out[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  };
  put(0b0100, 4);
  put(bytes.length, version < 10 ? 8 : 16);
  for (const byte of bytes) put(byte, 8);
  const used = Math.min(out.length, Math.ceil((bit + 4) / 8));
  for (let i = used; i < out.length; i++) out[i] = (i - used) % 2 === 0 ? 0xec : 0x11;
  return out;
}

/** Multiplies in GF(256) modulo x⁸ + x⁴ + x³ + x² + 1. */
function times(a: number, b: number): number {
  let product = 0;
  for (let i = 7; i >= 0; i--) {
    product = (product << 1) ^ ((product >> 7) * 0x11d);
    if ((b >> i) & 1) product ^= a;
  }
  return product;
}

/** The generator polynomial with the roots 2⁰ … 2ⁿ⁻¹, without its leading 1. */
function generator(n: number): Uint8Array {
  const out = new Uint8Array(n);
  out[n - 1] = 1;
  let root = 1;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) out[j] = times(out[j] ?? 0, root) ^ (out[j + 1] ?? 0);
    root = times(root, 2);
  }
  return out;
}

function correction(data: Uint8Array, divisor: Uint8Array): Uint8Array {
  const rest = new Uint8Array(divisor.length);
  for (const byte of data) {
    const factor = byte ^ (rest[0] ?? 0);
    rest.copyWithin(0, 1);
    rest[rest.length - 1] = 0;
    for (let i = 0; i < rest.length; i++) rest[i] = (rest[i] ?? 0) ^ times(divisor[i] ?? 0, factor);
  }
  return rest;
}

/** Splits the data into blocks, the longer ones last, and takes a codeword of each in turn; then their correction. */
function interleave(version: number, data: Uint8Array): number[] {
  const n = at(BLOCKS, version);
  const short = Math.floor(data.length / n);
  const longer = data.length % n;
  const divisor = generator(at(CORRECTION, version));
  const blocks: Uint8Array[] = [];
  for (let i = 0, from = 0; i < n; i++) {
    const length = short + (i >= n - longer ? 1 : 0);
    blocks.push(data.subarray(from, from + length));
    from += length;
  }
  const out: number[] = [];
  const inTurn = (parts: readonly Uint8Array[], length: number): void => {
    for (let i = 0; i < length; i++)
      for (const part of parts) {
        const word = part[i];
        if (word !== undefined) out.push(word);
      }
  };
  inTurn(blocks, short + 1);
  inTurn(
    blocks.map(block => correction(block, divisor)),
    divisor.length,
  );
  return out;
}

/** The conditions of the eight masks (table 10), for row i and column j. */
const MASKS: ReadonlyArray<(i: number, j: number) => boolean> = [
  (i, j) => (i + j) % 2 === 0,
  i => i % 2 === 0,
  (_, j) => j % 3 === 0,
  (i, j) => (i + j) % 3 === 0,
  (i, j) => (Math.floor(i / 2) + Math.floor(j / 3)) % 2 === 0,
  (i, j) => ((i * j) % 2) + ((i * j) % 3) === 0,
  (i, j) => (((i * j) % 2) + ((i * j) % 3)) % 2 === 0,
  (i, j) => (((i + j) % 2) + ((i * j) % 3)) % 2 === 0,
];

/** A square that is being filled. */
class Square {
  readonly size: number;
  readonly dark: Uint8Array;
  /** Modules of patterns, which no data and no mask touches. */
  readonly fixed: Uint8Array;

  constructor(size: number) {
    this.size = size;
    this.dark = new Uint8Array(size * size);
    this.fixed = new Uint8Array(size * size);
  }

  fix(row: number, column: number, dark: boolean): void {
    if (row < 0 || column < 0 || row >= this.size || column >= this.size) return;
    this.dark[row * this.size + column] = dark ? 1 : 0;
    this.fixed[row * this.size + column] = 1;
  }

  /** Rings around a centre: dark where `isDark` says so of the distance. */
  rings(row: number, column: number, reach: number, isDark: (distance: number) => boolean): void {
    for (let i = -reach; i <= reach; i++)
      for (let j = -reach; j <= reach; j++) this.fix(row + i, column + j, isDark(Math.max(Math.abs(i), Math.abs(j))));
  }
}

/** The remainder of a cyclic code: `bits` information bits before `width` check bits. */
function checked(value: number, width: number, divisor: number): number {
  let rest = value << width;
  for (let i = 31 - Math.clz32(rest); i >= width && rest > 0; i = 31 - Math.clz32(rest)) rest ^= divisor << (i - width);
  return (value << width) | rest;
}

function patterns(version: number): Square {
  const square = new Square(4 * version + 17);
  const { size } = square;
  for (let i = 0; i < size; i++) {
    square.fix(6, i, i % 2 === 0);
    square.fix(i, 6, i % 2 === 0);
  }
  const finder = (distance: number): boolean => distance !== 2 && distance !== 4;
  square.rings(3, 3, 4, finder);
  square.rings(3, size - 4, 4, finder);
  square.rings(size - 4, 3, 4, finder);
  const centres = alignments(version);
  const end = size - 7;
  for (const row of centres)
    for (const column of centres) {
      const corner = (row === 6 && (column === 6 || column === end)) || (row === end && column === 6);
      if (!corner) square.rings(row, column, 2, distance => distance !== 1);
    }
  if (version >= 7) {
    const bits = checked(version, 12, 0x1f25);
    for (let i = 0; i < 18; i++) {
      const dark = ((bits >> i) & 1) === 1;
      const [far, near] = [size - 11 + (i % 3), Math.floor(i / 3)];
      square.fix(far, near, dark);
      square.fix(near, far, dark);
    }
  }
  format(square, 0); // keeps its place free
  return square;
}

/** Level L and the mask, twice. */
function format(square: Square, mask: number): void {
  const { size } = square;
  const bits = checked((0b01 << 3) | mask, 10, 0x537) ^ 0x5412;
  for (let i = 0; i < 15; i++) {
    const dark = ((bits >> i) & 1) === 1;
    if (i < 8) {
      square.fix(i < 6 ? i : i + 1, 8, dark); // down, over the timing line
      square.fix(8, size - 1 - i, dark);
    } else {
      square.fix(8, i === 8 ? 7 : 14 - i, dark);
      square.fix(size - 15 + i, 8, dark);
    }
  }
  square.fix(size - 8, 8, true);
}

/** Fills in the codewords in their zigzag, two columns at a time from the right, and applies the best mask. */
function place(version: number, words: readonly number[]): Code {
  const square = patterns(version);
  const { size, dark, fixed } = square;
  let bit = 0;
  for (let right = size - 1, up = true; right > 0; right -= right === 8 ? 3 : 2, up = !up)
    for (let n = 0; n < size; n++)
      for (const column of [right, right - 1]) {
        const i = (up ? size - 1 - n : n) * size + column;
        if (fixed[i]) continue;
        dark[i] = ((words[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1;
        bit++;
      }
  let best: { penalty: number; dark: Uint8Array } | undefined;
  for (const [number, mask] of MASKS.entries()) {
    const masked = new Square(size);
    for (let row = 0, i = 0; row < size; row++)
      for (let column = 0; column < size; column++, i++)
        masked.dark[i] = (dark[i] ?? 0) ^ (!fixed[i] && mask(row, column) ? 1 : 0);
    format(masked, number);
    const cost = penalty(size, masked.dark);
    if (!best || cost < best.penalty) best = { penalty: cost, dark: masked.dark };
  }
  return { size, dark: best?.dark ?? dark };
}

/** How hard a camera would find it (§7.8.3): long runs, blocks, what looks like a finder, and too much of one colour. */
function penalty(size: number, dark: Uint8Array): number {
  let cost = 0;
  let darks = 0;
  for (let i = 0; i < size; i++)
    for (const step of [1, size]) {
      let run = 0;
      let history = 0; // the last eleven modules of this line
      const start = step === 1 ? i * size : i;
      for (let j = 0; j < size; j++) {
        const now = dark[start + j * step] ?? 0;
        run = j > 0 && now === dark[start + (j - 1) * step] ? run + 1 : 1;
        if (run === 5) cost += 3;
        else if (run > 5) cost++;
        history = ((history << 1) | now) & 0x7ff;
        if (j >= 10 && (history === 0b10111010000 || history === 0b00001011101)) cost += 40;
        if (step === 1) darks += now;
      }
    }
  for (let i = 0; i + 1 < size; i++)
    for (let j = 0; j + 1 < size; j++) {
      const [a, b] = [i * size + j, (i + 1) * size + j];
      if (dark[a] === dark[a + 1] && dark[a] === dark[b] && dark[a] === dark[b + 1]) cost += 3;
    }
  return cost + 10 * Math.floor(Math.abs((darks * 100) / (size * size) - 50) / 5);
}
