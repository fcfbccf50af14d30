// Looks for secrets where none may be: on the disk (../watcher, all the time) and in what the browser's pages and worker
// hold in their memory.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { after } from "./browsers.mjs";
import { ROOT } from "./host.mjs";

const execute = promisify(execFile);

/** Watches every file below `roots` for any of `secrets` (bytes, in whatever encoding) until the test is over. */
export async function watch(t, folder, roots, secrets) {
  const program = `${folder}/watcher`;
  await execute("go", ["build", "-o", program, "./extension/e2e/watcher"], { cwd: ROOT });
  const child = spawn(program, roots, { stdio: ["pipe", "pipe", "inherit"] });
  after(t, () => {
    child.stdin.end();
    child.kill();
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.stdin.write(`${JSON.stringify({ needles: secrets.map(s => s.toString("base64")) })}\n`);
  const ask = async command => {
    child.stdin.write(`${command}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error("the watcher ended");
    return JSON.parse(value);
  };
  return {
    /** Everything that was found until now, everything looked at once more. */
    sweep: () => ask("sweep"),
    /** What is found in the memory of the processes, buffers and what has been given back included; undefined without the right to look. */
    memory: async pids => {
      const all = [];
      for (const pid of pids) {
        const { bytes, found } = await ask(`memory ${pid}`);
        if (bytes === 0) return undefined;
        all.push(...found);
      }
      return all.map(f => `${f.needle} as ${f.encoding}`);
    },
    /** What is found in bytes that were got elsewhere. */
    scan: async bytes => {
      const file = `${folder}/scanned`;
      await writeFile(file, bytes);
      return (await ask(`scan ${file}`)).found.map(f => `${f.needle} as ${f.encoding}`);
    },
  };
}

/** A DevTools session with a page, or with the extension's service worker. */
export const pageSession = (browser, page) => browser.context.newCDPSession(page);

export async function workerSession(browser) {
  const devtools = await browser.context.browser().newBrowserCDPSession();
  const { targetInfos } = await devtools.send("Target.getTargets");
  const worker = targetInfos.find(target => target.type === "service_worker");
  const { sessionId } = await devtools.send("Target.attachToTarget", { targetId: worker.targetId, flatten: false });
  const pending = new Map();
  const listeners = new Map();
  devtools.on("Target.receivedMessageFromTarget", ({ sessionId: from, message }) => {
    if (from !== sessionId) return;
    const { id, result, error, method, params } = JSON.parse(message);
    if (method) return listeners.get(method)?.(params);
    const { resolve, reject } = pending.get(id);
    if (error) reject(new Error(error.message));
    else resolve(result);
  });
  let count = 0;
  return {
    on: (method, listener) => listeners.set(method, listener),
    send: (method, params = {}) =>
      new Promise((resolve, reject) => {
        const id = ++count;
        pending.set(id, { resolve, reject });
        const message = JSON.stringify({ id, method, params });
        devtools.send("Target.sendMessageToTarget", { sessionId, message }).catch(reject);
      }),
  };
}

/** The processes of a browser that run the extension, its pages and its background, and the one that talks to the host. */
export async function browserProcesses(browser) {
  if (browser.kind === "firefox") return firefoxProcesses(browser);
  const devtools = await browser.context.browser().newBrowserCDPSession();
  const { processInfo } = await devtools.send("SystemInfo.getProcessInfo");
  const found = [];
  for (const { id, type } of processInfo) {
    const line = type === "renderer" ? await readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "") : "";
    if (type === "browser" || line.includes("--extension-process")) found.push(id);
  }
  assert.ok(found.length > 1, "the extension has a process of its own");
  return found;
}

/** All extensions run in one process, which Firefox names after what it is for. */
async function firefoxProcesses(browser) {
  const main = browser.browser.process().pid;
  const found = [main];
  for (const pid of (await readdir("/proc")).filter(name => /^\d+$/.test(name)).map(Number)) {
    const read = name => readFile(`/proc/${pid}/${name}`, "utf8").catch(() => ""); // ended meanwhile
    if ((await read("comm")).trim() !== "WebExtensions") continue;
    if ((await read("cmdline")).includes(` -parentPid ${main} `)) found.push(pid);
  }
  assert.equal(found.length, 2, "extensions have a process of their own");
  return found;
}

/** The snapshot of a heap: every string, but not the bytes of buffers. */
export async function heap(session) {
  await session.send("HeapProfiler.enable");
  const pieces = [];
  session.on("HeapProfiler.addHeapSnapshotChunk", ({ chunk }) => pieces.push(chunk));
  await session.send("HeapProfiler.takeHeapSnapshot", { reportProgress: false });
  return Buffer.from(pieces.join(""));
}
