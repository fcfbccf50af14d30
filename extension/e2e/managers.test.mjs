// To another password manager and back: a passkey that one browser registered leaves as the encrypted file of another
// manager, comes into a vault that is new, and signs in from both browsers.
import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { test } from "node:test";
import { after, temporaryFolder } from "./lib/browsers.mjs";
import { attempt, KINDS, openTogether, RELYING_PARTIES, visit } from "./lib/signed-in.mjs";

const FILES = { keepass: "ours.kdbx", bitwarden: "ours.json" };
const USER = "ada@example.com";

test("a passkey signs in after a journey through KeePass's and Bitwarden's files", async t => {
  const site = await RELYING_PARTIES["go-webauthn"]();
  after(t, site.close);
  const folder = await temporaryFolder(t);
  const browsers = await openTogether(t, KINDS);
  const [{ bed }] = browsers;
  const tabs = [];
  for (const browser of browsers) tabs.push(await visit(browser, site.origin));

  /** The site's answer in a browser, which is in front for it. */
  const call = async (tab, what, ...args) => {
    await tab.bringToFront();
    return await attempt(tab, what, ...args);
  };
  assert.equal((await call(tabs[0], "register", { user: USER })).ok, true);
  for (const [manager, name] of Object.entries(FILES)) {
    await bed.run("export", "--for", manager, `${folder}/${name}`);
    assert.equal((await stat(`${folder}/${name}`)).mode & 0o777, 0o600, `${name} is its owner's`);
  }

  for (const [manager, name] of Object.entries(FILES))
    await t.test(manager, async () => {
      await bed.stop(); // and its vault is gone
      await bed.unlock();
      assert.equal((await bed.run("list")).includes(USER), false, "the vault is new");
      const { outcome } = JSON.parse(await bed.run("import", "--yes", "--json", `${folder}/${name}`));
      assert.equal(outcome.added, 1);
      for (const [i, tab] of tabs.entries()) {
        const seen = await call(tab, "login", { user: USER, allow: undefined });
        assert.deepEqual([seen.ok, seen.user], [true, USER], `${KINDS[i]}: ${JSON.stringify(seen)}`);
      }
    });
});
