/** Words and numbers that several pages put together: times, counts, what a recovery phrase is made of. */

const UNITS: ReadonlyArray<readonly [Intl.RelativeTimeFormatUnit, number]> = [
  ["year", 31_557_600_000],
  ["month", 2_629_800_000],
  ["week", 604_800_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

/** "3 days ago", "just now", from two points in time in milliseconds. */
export function ago(then: number, now: number): string {
  const passed = now - then;
  for (const [unit, size] of UNITS) {
    if (passed >= size)
      return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(-Math.floor(passed / size), unit);
  }
  return "just now";
}

/** "15 minutes", "2 hours", from milliseconds; whole units only, as the choices in settings are. */
export function span(ms: number): string {
  if (ms <= 0) return "not at all";
  for (const [unit, size] of [
    ["hour", 3_600_000],
    ["minute", 60_000],
    ["second", 1000],
  ] as const) {
    if (ms >= size && ms % size === 0) return count(ms / size, unit);
  }
  return count(Math.round(ms / 1000), "second");
}

/** "1,204". */
export function figure(n: number): string {
  return new Intl.NumberFormat("en").format(n);
}

/** "1 passkey", "2 passkeys", "1,204 passkeys". */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${figure(n)} ${n === 1 ? one : many}`;
}

/** "4 March 2026, 14:05", in the person's own time zone. */
export function moment(ms: number): string {
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short" }).format(ms);
}

/** "4 March 2026". */
export function day(ms: number): string {
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "long" }).format(ms);
}

/** The words of a phrase as typed or pasted, with numbers ("1. apple") and punctuation taken off. */
export function phraseWords(typed: string): string[] {
  return typed
    .toLowerCase()
    .split(/[^\p{L}\p{M}]+/u)
    .filter(word => word.length > 0);
}

/** Three different places (counted from 0, ascending) to ask a person for after a phrase of `length` words was shown. */
export function threePlaces(length: number, random: () => number): number[] {
  const places = new Set<number>();
  while (places.size < Math.min(3, length)) places.add(Math.floor(random() * length));
  return [...places].sort((a, b) => a - b);
}

/** The first letter or digit of a name for its tile; "?" where it has none. */
export function initial(name: string): string {
  return name.match(/[\p{L}\p{N}]/u)?.[0] ?? "?";
}
