// A move that is cancelled, or under which something is killed, at any moment: the vault is as it was or has everything,
// what was going on is found again or gone, and nothing readable is left on the disk. The passkeys come from an app that uses the published package only. The
// transfer page's own line to the agent is used, without its buttons, so that the moments are any.
import assert from "node:assert/strict";
import { readdir, readlink, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { temporaryFolder, until } from "./lib/browsers.mjs";
import { makeDocument } from "./lib/document.mjs";
import { open } from "./lib/signed-in.mjs";
import { exampleProvider, transferPage } from "./lib/transfer-page.mjs";
import { watch } from "./lib/watcher.mjs";

const soak = process.env.KEYFERRY_SOAK === "1";
const [CANCELS, KILLS] = soak ? [100, 100] : [10, 8];
const N = 600;
/** How many moves an agent is asked for before another takes its place: it allows twelve in ten minutes. */
const FOR_ONE_AGENT = 10;

/** Runs in our own page: asks as its own code does. A background that died is found again. */
function ask([type, body]) {
  globalThis.asking ??= { n: 1_000_000, open: new Map() };
  const { asking } = globalThis;
  if (!asking.port) {
    const port = chrome.runtime.connect({ name: "page" });
    asking.port = port;
    port.onMessage.addListener(m => {
      asking.open.get(m.n)?.(m);
      asking.open.delete(m.n);
    });
    port.onDisconnect.addListener(() => {
      asking.port = undefined;
      for (const end of asking.open.values()) end({ error: { name: "agent-gone" } });
      asking.open.clear();
    });
  }
  const n = asking.n++;
  return new Promise(resolve => {
    asking.open.set(n, resolve);
    asking.port.postMessage({ n, type, body });
  });
}

/** The processes that run a program. */
async function running(program) {
  const found = [];
  for (const pid of (await readdir("/proc")).filter(name => /^\d+$/.test(name)).map(Number))
    if ((await readlink(`/proc/${pid}/exe`).catch(() => "")) === program) found.push(pid);
  return found;
}

const WORKS = ["reading", "exchanging", "storing", "writing"];

test("cancelled or killed at any moment", { timeout: soak ? 3_600_000 : 600_000 }, async t => {
  const folder = await temporaryFolder(t);
  const browser = await open(t, "chromium");
  const { bed } = browser;
  const { document, secrets } = makeDocument({ passkeys: N, items: 0 });
  const watcher = await watch(t, folder, [browser.home], secrets);
  const example = await exampleProvider(t, folder, `${bed.testbed}/providers`);
  await writeFile(example.file, JSON.stringify(document), { mode: 0o600 });
  const page = await transferPage(browser);

  /** Asks the agent; throws its refusal. */
  const say = async (type, body = {}) => {
    const { error, body: answer } = await page.evaluate(ask, [type, body]);
    if (error) throw Object.assign(new Error(`${type}: ${error.name}: ${error.message}`), { name: error.name });
    return answer;
  };
  const count = async () => JSON.parse(await bed.run("--json", "status")).passkeys ?? 0;
  const settled = async transfer => {
    let now = transfer;
    while (WORKS.includes(now.state)) now = await say("transfer.get", { id: now.id, not: now.state, waitMs: 5000 });
    return now;
  };

  /** Moves everything in. `began` and `stores` hear the id, as soon as there is one and when it is about to be stored. */
  const moveIn = async ({ began = () => {}, stores = () => {} } = {}) => {
    const { providers } = await say("transfer.providers", { out: false });
    const provider = providers.find(p => p.rpId === example.name);
    let now = await say("transfer.import", { kind: "direct", provider: provider.id });
    began(now.id);
    if (now.state === "asking") now = await say("transfer.answer", { id: now.id, accept: now.provider.state });
    now = await settled(now);
    if (now.state === "review") {
      stores(now.id);
      now = await settled(await say("transfer.commit", { id: now.id }));
    }
    return now;
  };

  /** Ends what is still under way, and brings the vault back to where it was. Resolves to how many had come. */
  const look = async () => {
    for (const now of (await say("transfer.list")).transfers) {
      await settled(now);
      await say("transfer.cancel", { id: now.id });
    }
    const came = await count();
    assert.ok(came === 0 || came === N, `${came} of ${N} passkeys are there`);
    if (came === N) {
      const [{ id }] = (await say("transfer.imports")).imports;
      await say("transfer.undo", { id });
      assert.equal(await count(), 0);
    }
    return came;
  };

  const kill = pids => {
    for (const pid of pids) process.kill(pid, "SIGKILL");
  };
  /** Waits until an agent with an open vault answers, whatever was killed. */
  const back = async () => {
    await bed.unlock();
    const open = () =>
      say("status").then(
        s => s.vault === "unlocked",
        () => false,
      );
    await until(open, "the agent to be back");
  };

  const begun = performance.now();
  let storedFrom;
  const first = await moveIn({ stores: () => (storedFrom = performance.now()) });
  assert.equal(first.state, "done");
  const [whole, storing] = [performance.now() - begun, performance.now() - storedFrom];
  assert.equal(await look(), N);

  /**
   * Begins a move. `moment` is any of it, in every other round any of its being stored, and tells its id; a move that is
   * over by then tells none.
   */
  const begin = round => {
    const late = round % 2 === 1;
    const ms = Math.random() * (late ? storing : whole);
    let moved;
    const moment = new Promise(resolve => {
      const from = id => setTimeout(resolve, ms, id);
      moved = moveIn(late ? { stores: from } : { began: from }).catch(error => error);
      moved.then(() => resolve());
    });
    return { moved, moment, at: `${ms} ms after it ${late ? "was about to be stored" : "began"}` };
  };

  await t.test(`cancelled at ${CANCELS} random points`, async t => {
    let came = 0;
    for (let round = 0; round < CANCELS; round++) {
      if (round > 0 && round % FOR_ONE_AGENT === 0) {
        kill((await bed.processes()).agents);
        await back();
      }
      const { moved, moment, at } = begin(round);
      const id = await moment;
      if (id) await say("transfer.cancel", { id });
      const end = await moved;
      if (end instanceof Error) assert.match(end.name, /not-found|canceled|stale|conflict/, `${end.message}, ${at}`);
      if ((await look()) === N) came++;
    }
    t.diagnostic(
      `${came} of ${CANCELS} were through before they were cancelled; one takes ${Math.round(whole)} ms, ${Math.round(storing)} of them to be stored`,
    );
  });

  const devtools = await browser.context.newCDPSession(await browser.newPage());
  await devtools.send("ServiceWorker.enable");
  let apps = 0; // that ran when they were to be killed
  const WAYS = {
    agent: async () => kill((await bed.processes()).agents),
    bridge: async () => kill((await bed.processes()).bridges),
    worker: () => devtools.send("ServiceWorker.stopAllWorkers"),
    page: () => page.reload(),
    app: async () => {
      const pids = await running(example.program);
      apps += pids.length;
      kill(pids);
    },
  };

  await t.test(`killed at ${KILLS} random points`, async t => {
    const came = {};
    for (let round = 0; round < KILLS; round++) {
      const ways = Object.keys(WAYS);
      const way = ways[round % ways.length];
      const { moved, moment } = begin(round);
      await moment;
      await WAYS[way]();
      assert.notEqual((await moved).name, "rate-limited", "it was under way");
      await back();
      if ((await look()) === N) came[way] = (came[way] ?? 0) + 1;
    }
    t.diagnostic(`through all the same: ${JSON.stringify(came)}; ${apps} other apps killed at work`);
    if (soak) assert.ok(apps > 0, "the other app ran now and then");
  });

  await t.test("the browser is killed, and what had begun ends as if it had not", async () => {
    let stored;
    const moved = new Promise(resolve => {
      moveIn({
        began: () => {
          stored = resolve;
        },
      }).then(resolve, resolve);
    });
    await until(() => stored, "the move to have begun");
    await new Promise(resolve => setTimeout(resolve, Math.random() * whole));
    const { processInfo } = await (await browser.context.browser().newBrowserCDPSession()).send(
      "SystemInfo.getProcessInfo",
    );
    kill(processInfo.filter(p => p.type === "browser").map(p => p.id));
    stored();
    await moved;
    await until(async () => (await bed.processes()).bridges.length === 0, "the bridge to end with its browser");
    const came = await count();
    assert.ok(came === 0 || came === N, `${came} of ${N} passkeys are there`);
  });

  await t.test("nothing readable was on the disk at any time", async () => {
    const { found, files } = await watcher.sweep();
    assert.deepEqual(found, []);
    assert.ok(files > 200, `it looked at ${files} files`);
  });
});
