// Profiles are separate vaults: what a browser registers while it uses one is not there while it uses another, and what
// the settings page chose stays chosen. Whoever is not one of our own pages has no say in it.
import assert from "node:assert/strict";
import { rename } from "node:fs/promises";
import { dirname } from "node:path";
import { test } from "node:test";
import { nativeAuthenticator } from "./lib/approve-window.mjs";
import { after, until } from "./lib/browsers.mjs";
import { IDS, testbed } from "./lib/host.mjs";
import { press, reads } from "./lib/person.mjs";
import { attempt, open, RELYING_PARTIES, visit } from "./lib/signed-in.mjs";

const page = name => `chrome-extension://${IDS.test.chromeId}/ui/${name}/index.html`;

/** Presses the radio button of a vault, and waits until the page is that vault's. */
async function choose(settings, name) {
  await settings.getByLabel(name, { exact: true }).click();
  await until(() => uses(settings, name), `the page of the vault ${name}`);
}

const uses = (settings, name) =>
  settings.evaluate(
    name => document.querySelector("#profile input:checked")?.closest("label")?.innerText.trim() === name,
    name,
  );

test("two vaults in one browser", async t => {
  const site = await RELYING_PARTIES["go-webauthn"]();
  after(t, site.close);
  const browser = await open(t, "chromium");
  const office = await testbed({ userDataDir: `${browser.home}/chromium`, profile: "office" });
  const beds = { default: browser.bed, office };
  const tab = await visit(browser, site.origin);
  // What Keyferry leaves to the browser is answered by an authenticator without a credential.
  await nativeAuthenticator(browser, tab);
  const settings = await browser.newPage();
  await settings.goto(page("settings"));
  await settings.getByLabel("office", { exact: true }).waitFor();
  assert.equal(await uses(settings, "default"), true);

  /** The site's answer to a call, in front. */
  const call = async (what, ...args) => {
    await tab.bringToFront();
    const seen = await attempt(tab, what, ...args);
    await settings.bringToFront();
    return seen.ok ? seen.user : seen.thrown?.name;
  };

  await t.test("each has the passkeys that were made while it was used", async () => {
    assert.equal(await call("register", { user: "ada@example.com" }), "ada@example.com");
    await choose(settings, "office");
    assert.equal(await call("register", { user: "grace@example.com" }), "grace@example.com");
    assert.equal(await call("login", { user: "grace@example.com" }), "grace@example.com");
    assert.equal(await call("login", { user: "ada@example.com" }), "NotAllowedError");
    for (const [name, mine, other] of [
      ["default", "ada@example.com", "grace@example.com"],
      ["office", "grace@example.com", "ada@example.com"],
    ]) {
      const list = await beds[name].run("list");
      assert.equal(list.includes(mine), true, `${name} has ${mine}: ${list}`);
      assert.equal(list.includes(other), false, `${name} does not have ${other}: ${list}`);
    }
    assert.equal((await browser.bed.processes()).agents.length, 2, "an agent for each vault");
  });

  await t.test("the choice outlives the worker, and every page says whose vault it is", async () => {
    const devtools = await browser.context.newCDPSession(await browser.newPage());
    await devtools.send("ServiceWorker.enable");
    await devtools.send("ServiceWorker.stopAllWorkers");
    await settings.reload();
    await until(() => uses(settings, "office"), "the settings of the vault office");
    assert.match(await settings.locator(".brand").innerText(), /office/);
    await choose(settings, "default");
    assert.doesNotMatch(await settings.locator(".brand").innerText(), /office/);
    assert.equal(await call("login", { user: "ada@example.com" }), "ada@example.com");
    assert.equal(await call("login", { user: "grace@example.com" }), "NotAllowedError");
  });

  await t.test("a website has no way to it", async () => {
    const tried = await tab.evaluate(async id => {
      const said = [];
      for (const what of [
        () => chrome.storage.local.set({ profile: "office" }),
        () => chrome.runtime.sendMessage(id, { n: 1, local: "profile", name: "office" }),
        () => chrome.runtime.connect(id, { name: "page" }).postMessage({ n: 1, local: "profile", name: "office" }),
        () => fetch(`chrome-extension://${id}/ui/settings/index.html`),
      ])
        said.push(
          await Promise.resolve()
            .then(what)
            .then(
              () => "done",
              () => "no",
            ),
        );
      for (const type of ["bridge.profile", "profile", "keyferry"])
        window.postMessage({ n: 1, type, local: "profile", name: "office", body: { profile: "office" } }, "*");
      return said;
    }, IDS.test.chromeId);
    assert.deepEqual(tried, ["no", "no", "no", "no"]);
    assert.equal(await call("login", { user: "ada@example.com" }), "ada@example.com");
  });

  await t.test("a vault that is gone is not made anew: the page says so and leads back", async () => {
    await choose(settings, "office");
    await office.run("lock");
    const folder = dirname(office.vault);
    await rename(folder, `${folder}.away`);
    after(t, () => rename(`${folder}.away`, folder)); // its agent is found by it
    const devtools = await browser.context.newCDPSession(await browser.newPage());
    await devtools.send("ServiceWorker.enable");
    await devtools.send("ServiceWorker.stopAllWorkers");
    await settings.reload();
    await reads(settings, /the vault of this browser isn.t there/);
    await press(settings, /^use the vault .default. from now on$/);
    await reads(settings, /there is one, called .default/);
    assert.equal(await call("login", { user: "ada@example.com" }), "ada@example.com");
  });
});
