// Nothing readable: while vaults move their passkeys to each other, and while that fails, neither any file in the home and
// the browser's profile nor the memory of the transfer page and the worker holds a key, in whatever encoding. The
// document that the passkeys come from is plain text by its nature, and lies elsewhere.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { after, openChromium, temporaryFolder, until } from "./lib/browsers.mjs";
import { makeDocument } from "./lib/document.mjs";
import { ROOT, testbed } from "./lib/host.mjs";
import { press, reads } from "./lib/person.mjs";
import { answerRequest, handOver, transferPage } from "./lib/transfer-page.mjs";
import { extensionProcesses, heap, pageSession, watch, workerSession } from "./lib/watcher.mjs";

/** The positive control stays in memory longer than anybody refers to it. */
const secretsOf = (found = []) => found.filter(f => !f.startsWith("0 as"));

const ENCODINGS = {
  raw: bytes => bytes,
  hex: bytes => bytes.toString("hex"),
  base64: bytes => `{"key":"${bytes.toString("base64")}"}`,
  base64url: bytes => `{"key": "${Buffer.concat([Buffer.from("in"), bytes]).toString("base64url")}"}`,
};

test("nothing readable, on the disk or in the browser", async t => {
  const elsewhere = await temporaryFolder(t);
  const home = await temporaryFolder(t);
  const userDataDir = `${home}/chromium`;
  const tmp = `${home}/tmp`; // the browser's temporary files are watched too
  await mkdir(userDataDir);
  await mkdir(tmp);
  const { document, secrets } = makeDocument({ passkeys: 120, items: 40 });
  const planted = randomBytes(32); // the positive control
  const watcher = await watch(t, elsewhere, [home], [planted, ...secrets]);
  /** What was found, the positive control apart. */
  const found = async () => (await watcher.sweep()).found.filter(f => f.needle !== 0);

  const a = await testbed({ userDataDir });
  after(t, () => a.stop());
  const b = await testbed({ userDataDir, profile: "b" });
  await b.run("provide", a.testbed);
  await writeFile(`${elsewhere}/document.json`, JSON.stringify(document));
  await a.run("cxf", "import", "--yes", `${elsewhere}/document.json`);
  const browser = await openChromium({
    home,
    userDataDir,
    extension: `${ROOT}build/test/chrome`,
    env: { TMPDIR: tmp },
  });
  after(t, () => browser.close().catch(() => {}));
  const page = await transferPage(browser);

  await t.test("what is there to be found is found", async () => {
    const folder = `${userDataDir}/Default/planted`;
    await mkdir(folder, { recursive: true });
    for (const [name, encode] of Object.entries(ENCODINGS)) {
      const file = `${folder}/${name}`;
      await writeFile(file, Buffer.concat([randomBytes(5000), Buffer.from(encode(planted)), randomBytes(5000)]));
      await until(async () => (await watcher.sweep()).found.some(f => f.file === file), `${name} to be found`);
    }
    await rm(folder, { recursive: true });
    await page.evaluate(text => {
      globalThis.planted = [JSON.parse(`"${text}"`)];
      globalThis.plantedBytes = Uint8Array.from(atob(text), c => c.charCodeAt(0));
    }, planted.toString("base64"));
    const inHeap = await watcher.scan(await heap(await pageSession(browser, page)));
    assert.ok(inHeap.includes("0 as base64+0"), `the page's strings: ${inHeap}`);
    const processes = await extensionProcesses(browser);
    assert.ok(processes.length > 0, "the extension has a process of its own");
    const inMemory = await watcher.memory(processes);
    if (inMemory) assert.ok(inMemory.includes("0 as raw"), `the page's buffers: ${inMemory}`);
    else t.diagnostic("no right to read other processes' memory: buffers are not looked at");
    const worker = await workerSession(browser);
    const expression = `globalThis.planted = ["${planted.toString("hex")}"]`;
    await worker.send("Runtime.evaluate", { expression });
    const held = await watcher.scan(await heap(worker));
    assert.ok(held.includes("0 as hex"), `the worker's strings: ${held}`);
    await page.evaluate(() => {
      delete globalThis.planted;
      delete globalThis.plantedBytes;
    });
  });

  await t.test("while passkeys move, and while that fails", async () => {
    const groups = async bed => {
      const made = JSON.parse(await bed.run("--json", "cxp", "request", "--force", "--out", `${elsewhere}/request`));
      return made.fingerprint.split(/[^0-9A-Za-z]+/);
    };
    // By sealed file: with the wrong groups, then with the right ones, then tampered with.
    const asked = { groups: await groups(b), file: `${elsewhere}/request` };
    const { file } = await answerRequest(browser, page, elsewhere, asked, { wrongFirst: true });
    const sealed = await readFile(file);
    await writeFile(`${elsewhere}/tampered`, Buffer.concat([sealed.subarray(0, -4000), randomBytes(4000)]));
    await assert.rejects(b.run("cxp", "import", "--yes", "--response", `${elsewhere}/tampered`));
    await press(page, /^finish$/);

    // By direct exchange: first the person says no, then yes.
    await a.consent("deny");
    await handOver(page, /^choose: keyferry \(b\)$/);
    await reads(page, /not confirmed/);
    await a.consent("allow");
    await press(page, /^hand it over$/);
    await reads(page, /the other app has it/);
    assert.match(await b.run("list"), /person119@example\.com/);

    const inPage = secretsOf(await watcher.scan(await heap(await pageSession(browser, page))));
    const inWorker = secretsOf(await watcher.scan(await heap(await workerSession(browser))));
    const inMemory = secretsOf(await watcher.memory(await extensionProcesses(browser)));
    const onDisk = await found();
    assert.deepEqual({ inPage, inWorker, inMemory, onDisk }, { inPage: [], inWorker: [], inMemory: [], onDisk: [] });
  });

  await t.test("after everything has ended", async () => {
    await browser.close();
    await a.run("lock");
    await b.run("lock");
    const { files, bytes } = await watcher.sweep();
    t.diagnostic(`${files} files, ${Math.round(bytes / 1e6)} MB`);
    assert.ok(files > 200, "it looked at the profile and the vaults");
    assert.deepEqual(await found(), []);
  });
});
