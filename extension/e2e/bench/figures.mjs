// Numbers: medians, and the rows of the one table that `make bench` prints.
export const sorted = values => [...values].sort((a, b) => a - b);
export const median = values => sorted(values)[Math.floor(values.length / 2)];
export const percentile = (values, p) =>
  sorted(values)[Math.min(values.length - 1, Math.floor((values.length * p) / 100))];

export const ms = value => `${value.toFixed(value < 10 ? 2 : 0)} ms`;
export const us = value => `${value.toFixed(1)} µs`;
export const mib = value => `${value.toFixed(1)} MB`;

/** A measured figure against a floor of the same run. `show` writes both. */
export const ratio = (what, measured, floor, limit, show) => ({
  what,
  measured: show(measured),
  floor: show(floor),
  result: `${(measured / floor).toFixed(2)} ×`,
  wish: `≤ ${limit} ×`,
  met: measured / floor <= limit,
});

/** A figure that stands by itself. */
export const plain = (what, measured, limit, show) => ({
  what,
  measured: show(measured),
  floor: "",
  result: show(measured),
  wish: limit === undefined ? "" : `≤ ${show(limit)}`,
  met: limit === undefined || measured <= limit,
});

/** Prints the rows as a table in Markdown, so that the README can take it as it is. */
export function print(rows) {
  const head = { what: "what", measured: "measured", floor: "floor", result: "result", wish: "wished for" };
  const names = Object.keys(head);
  const width = name => Math.max(...[head, ...rows].map(row => row[name].length));
  const line = row => `| ${names.map(name => row[name].padEnd(width(name))).join(" | ")} |`;
  console.log(line(head));
  console.log(`|${names.map(name => "-".repeat(width(name) + 2)).join("|")}|`);
  for (const row of rows) console.log(line({ ...row, wish: row.met ? row.wish : `${row.wish} (missed)` }));
}
