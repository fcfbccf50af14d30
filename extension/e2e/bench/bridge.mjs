// Bridge start to first answer with the agent running, against a bare Go echo host; both started by the same code.
import { execFile, spawn } from "node:child_process";
import { promisify } from "node:util";
import { IDS, ROOT, TEST } from "../lib/host.mjs";
import { median, ms, ratio } from "./figures.mjs";

const execute = promisify(execFile);
const RUNS = 60;

/** Starts a program, sends it one frame, and resolves to the milliseconds until a frame that `isAnswer` takes. */
function firstAnswer(program, args, frame, isAnswer) {
  const json = Buffer.from(JSON.stringify(frame));
  const head = Buffer.alloc(4);
  head.writeUInt32LE(json.length);
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "ignore"] });
    child.on("error", reject);
    child.stdin.write(Buffer.concat([head, json]));
    let buffered = Buffer.alloc(0);
    child.stdout.on("data", data => {
      buffered = Buffer.concat([buffered, data]);
      while (buffered.length >= 4 && buffered.length >= 4 + buffered.readUInt32LE(0)) {
        const length = buffered.readUInt32LE(0);
        const answer = JSON.parse(buffered.subarray(4, 4 + length));
        buffered = buffered.subarray(4 + length);
        if (!isAnswer(answer)) continue;
        const took = performance.now() - begun;
        child.stdin.end();
        child.once("exit", () => resolve(took));
        return;
      }
    });
  });
}

export async function bridgeFigures(bed, folder) {
  const echo = `${folder}/echohost`;
  await execute("go", ["build", "-o", echo, "./extension/e2e/bench/echohost"], { cwd: ROOT });
  const ping = { id: "1", type: "ping", sender: { kind: "background" }, body: { data: "x" } };
  const caller = `chrome-extension://${IDS.test.chromeId}/`;
  const bridge = [];
  const floor = [];
  for (let n = 0; n < RUNS; n++) {
    floor.push(await firstAnswer(echo, [caller], ping, frame => frame.id === "1"));
    bridge.push(
      await firstAnswer(TEST, ["--testbed", bed.testbed, caller], ping, frame => frame.id === "1" && frame.re),
    );
  }
  return [ratio("bridge start to first answer against a bare Go echo host", median(bridge), median(floor), 4, ms)];
}
