// Nothing readable: while vaults move their passkeys to each other, and while that fails, neither any file in the home and
// the browsers' profiles nor the memory of the transfer pages, of the extension's background and of the browsers themselves
// holds a key, in whatever encoding. The document that the passkeys come from is plain text by its nature, and lies elsewhere.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { temporaryFolder, until } from "./lib/browsers.mjs";
import { makeDocument } from "./lib/document.mjs";
import { testbed } from "./lib/host.mjs";
import { press, reads } from "./lib/person.mjs";
import { openTogether, useVault } from "./lib/signed-in.mjs";
import { answerRequest, give, handOver, makeRequest, takeAnswer, transferPage } from "./lib/transfer-page.mjs";
import { browserProcesses, heap, pageSession, watch, workerSession } from "./lib/watcher.mjs";

/** The positive control stays in memory longer than anybody refers to it. */
const secretsOf = (found = []) => found.filter(f => !f.startsWith("0 as"));

const ENCODINGS = {
  raw: bytes => bytes,
  hex: bytes => bytes.toString("hex"),
  base64: bytes => `{"key":"${bytes.toString("base64")}"}`,
  base64url: bytes => `{"key": "${Buffer.concat([Buffer.from("in"), bytes]).toString("base64url")}"}`,
};

test("nothing readable, on the disk or in either browser", async t => {
  const elsewhere = await temporaryFolder(t);
  const home = await temporaryFolder(t);
  const tmp = `${home}/tmp`; // the browsers' temporary files are watched too
  await mkdir(tmp);
  const { document, secrets } = makeDocument({ passkeys: 120, items: 40 });
  const planted = randomBytes(32); // the positive control
  const watcher = await watch(t, elsewhere, [home], [planted, ...secrets]);
  /** What was found on the disk, the positive control apart. */
  const onDisk = async () => (await watcher.sweep()).found.filter(f => f.needle !== 0);

  const options = { home, env: { TMPDIR: tmp }, keepWelcome: true };
  const [chromium, firefox] = await openTogether(t, ["chromium", "firefox"], options);
  const { bed: a } = chromium;
  const b = await testbed({ userDataDir: `${home}/chromium`, firefoxHome: home, profile: "b" });
  await b.run("provide", a.testbed);
  await writeFile(`${elsewhere}/document.json`, JSON.stringify(document));
  await a.run("cxf", "import", "--yes", `${elsewhere}/document.json`);
  await useVault(firefox, "b");
  const [from, to] = [await transferPage(chromium), await transferPage(firefox)];

  /** What is in the heaps of Chromium's page and worker, as they are drawn: strings, but no buffers. */
  const heaps = async () => [
    ...(await watcher.scan(await heap(await pageSession(chromium, from)))),
    ...(await watcher.scan(await heap(await workerSession(chromium)))),
  ];
  /** What is in the memory of a browser's processes: strings and buffers, and what has been given back. */
  const memory = async browser => await watcher.memory(await browserProcesses(browser));

  await t.test("what is there to be found is found", async () => {
    const folder = `${home}/chromium/Default/planted`;
    await mkdir(folder, { recursive: true });
    for (const [name, encode] of Object.entries(ENCODINGS)) {
      const bytes = [randomBytes(5000), Buffer.from(encode(planted)), randomBytes(5000)];
      await writeFile(`${folder}/${name}`, Buffer.concat(bytes));
    }
    const seen = async () => new Set((await watcher.sweep()).found.map(f => f.file));
    const all = Object.keys(ENCODINGS).map(name => `${folder}/${name}`);
    await until(async () => (found => all.every(file => found.has(file)))(await seen()), "each file to be found");
    await rm(folder, { recursive: true });

    const text = planted.toString("base64");
    // What is handed over is base64: the bytes come to be in the pages, the hexadecimal digits in the background.
    for (const page of [from, to])
      await page.evaluate(text => {
        globalThis.planted = [JSON.parse(`"${text}"`)];
        globalThis.plantedBytes = Uint8Array.from(atob(text), c => c.charCodeAt(0));
      }, text);
    const digits = text => Array.from(atob(text), c => c.charCodeAt(0).toString(16).padStart(2, "0")).join("");
    const worker = await workerSession(chromium);
    await worker.send("Runtime.evaluate", { expression: `globalThis.planted = (${digits})("${text}"); 0` });
    await to.evaluate(async text => {
      const background = await globalThis.browser.runtime.getBackgroundPage();
      const digits = Array.from(atob(text), c => c.charCodeAt(0).toString(16).padStart(2, "0"));
      background.planted = digits.join(""); // a string is copied to whom it is given
    }, text);
    const drawn = await heaps();
    assert.ok(drawn.includes("0 as base64+0"), `strings of Chromium's page: ${drawn}`);
    assert.ok(drawn.includes("0 as hex"), `strings of its worker: ${drawn}`);
    for (const browser of [chromium, firefox]) {
      const inMemory = await memory(browser);
      if (!inMemory) return t.diagnostic("no right to read other processes' memory: it is not looked at");
      assert.ok(inMemory.includes("0 as raw"), `a page's buffers in ${browser.kind}: ${inMemory}`);
      assert.ok(inMemory.includes("0 as hex"), `the background's strings in ${browser.kind}: ${inMemory}`);
    }
    for (const page of [from, to])
      await page.evaluate(() => {
        delete globalThis.planted;
        delete globalThis.plantedBytes;
      });
  });

  const nothing = async () => {
    const found = {
      heaps: secretsOf(await heaps()),
      chromium: secretsOf(await memory(chromium)),
      firefox: secretsOf(await memory(firefox)),
      onDisk: await onDisk(),
    };
    assert.deepEqual(found, { heaps: [], chromium: [], firefox: [], onDisk: [] });
  };

  await t.test("while passkeys move by a sealed file, and while that fails", async () => {
    const asked = await makeRequest(firefox, to, elsewhere);
    const sealed = await answerRequest(chromium, from, elsewhere, asked, { wrongFirst: true });
    const bytes = await readFile(sealed.file);
    const tampered = `${elsewhere}/tampered`;
    await writeFile(tampered, Buffer.concat([bytes.subarray(0, -4000), randomBytes(4000)]));
    await give(to, tampered);
    await reads(to, /can't be used|that didn't work/);
    await press(to, /^back to the start$/);
    await press(to, /^choose: from another computer$/);
    await takeAnswer(to, sealed);
    await reads(to, /new \(160\)/);
    await reads(to, /160 entries/); // the list is there, and the button at rest
    await nothing();
    await press(to, /^store as chosen$/);
    await reads(to, /160 entries brought in/);
    await press(to, /^finish$/);
    await press(from, /^finish$/);
  });

  await t.test("while passkeys move by direct exchange, and while that fails", async () => {
    await a.consent("deny");
    await handOver(from, /^choose: keyferry \(b\)$/);
    await reads(from, /not confirmed/);
    await a.consent("allow");
    await press(from, /^hand it over$/);
    await reads(from, /the other app has it/);
    assert.match(await b.run("list"), /person119@example\.com/);
    await nothing();
  });

  await t.test("after everything has ended", async () => {
    await chromium.close();
    await firefox.close();
    await a.run("lock");
    await b.run("lock");
    const { files, bytes } = await watcher.sweep();
    t.diagnostic(`${files} files, ${Math.round(bytes / 1e6)} MB`);
    assert.ok(files > 200, "it looked at the profile and the vaults");
    assert.deepEqual(await onDisk(), []);
  });
});
