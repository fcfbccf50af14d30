import { span } from "../common/words";

/** Options for a time: the usual ones, and the one in force even where it isn't among them (set on the command line). */
export function choices(
  usual: readonly number[],
  now: number,
  zero?: string,
): ReadonlyArray<readonly [number, string]> {
  const all = usual.includes(now) ? usual : [...usual, now];
  return [...all].sort((a, b) => a - b).map(ms => [ms, ms === 0 && zero ? zero : span(ms)] as const);
}
