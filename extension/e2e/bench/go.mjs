// The figures that need no browser come from the Go benchmarks of the packages themselves.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ROOT } from "../lib/host.mjs";
import { median, mib, plain, ratio, us } from "./figures.mjs";

const execute = promisify(execFile);

/** Runs benchmarks several times over; the median of each figure by "name unit". */
async function benchmarks(pack, pattern, ...flags) {
  const args = ["test", "-run", "^$", "-bench", pattern, ...flags, pack];
  const { stdout } = await execute("go", args, { cwd: ROOT, maxBuffer: 1 << 24, timeout: 600_000 });
  const found = new Map();
  for (const line of stdout.split("\n")) {
    const [name, , ...figures] = line.trim().split(/\s+/);
    if (!name.startsWith("Benchmark")) continue;
    for (let at = 0; at + 1 < figures.length; at += 2) {
      const key = `${name.replace(/-\d+$/, "")} ${figures[at + 1]}`;
      found.set(key, [...(found.get(key) ?? []), Number(figures[at])]);
    }
  }
  return key => {
    if (!found.has(key)) throw new Error(`${pack}: no figure "${key}" in:\n${stdout}`);
    return median(found.get(key));
  };
}

export async function goFigures() {
  const assertion = await benchmarks(
    "./host/webauthn",
    "^BenchmarkAssertionFromVault$/^(floor|sealed_record_to_answer)$",
    "-count=5",
    "-benchtime=1s",
  );
  const create = await benchmarks("./vault", "^BenchmarkCreate$", "-count=5", "-benchtime=1s");
  const memory = await benchmarks("./host/agent", "^BenchmarkMemory$", "-benchtime=1x");
  const perMicrosecond = ns => us(ns / 1000);
  return [
    ratio(
      "assertion in the agent, from the sealed record, against a bare P-256 signature",
      assertion("BenchmarkAssertionFromVault/sealed_record_to_answer ns/op"),
      assertion("BenchmarkAssertionFromVault/floor ns/op"),
      2.2,
      perMicrosecond,
    ),
    ratio(
      "durable create against key generation and one fsynced append of 1 KiB",
      create("BenchmarkCreate/vault ns/op"),
      create("BenchmarkCreate/floor ns/op"),
      3,
      perMicrosecond,
    ),
    plain(
      "private memory of the agent with 10,000 passkeys, unlocked and searched",
      memory("BenchmarkMemory MiB-after-search") * 1.048576,
      60,
      mib,
    ),
  ];
}
