// Registering and signing in, in both browsers, against two relying parties that are not ours.
import assert from "node:assert/strict";
import { test } from "node:test";
import { after } from "./lib/browsers.mjs";
import { attempt, KINDS, open, RELYING_PARTIES, visit } from "./lib/signed-in.mjs";

const ALGORITHMS = { ES256: -7, EdDSA: -8, RS256: -257, ES384: -35 };
// Firefox and @simplewebauthn/server judge what they know; every pair below is one that the library verifies.

for (const kind of KINDS) {
  test(kind, async t => {
    const browser = await open(t, kind);
    for (const [library, start] of Object.entries(RELYING_PARTIES)) {
      await t.test(
        `${library}: every algorithm, discoverable and not, attestations, lists and verification`,
        async t => {
          const site = await start();
          after(t, site.close);
          const page = await visit(browser, site.origin);
          const ok = (result, what) => {
            assert.equal(result.ok, true, `${what}: ${JSON.stringify(result)}`);
            return result;
          };

          for (const [name, alg] of Object.entries(ALGORITHMS)) {
            const user = `${name}@example.com`;
            const made = ok(
              await attempt(page, "register", { user, algorithms: [alg], residentKey: "required" }),
              name,
            );
            assert.equal(made.algorithm, alg);
            assert.deepEqual([made.up, made.be, made.bs, made.signCount], [true, true, true, 0]);
            assert.deepEqual([...made.transports].sort(), ["hybrid", "internal"]);
            assert.notEqual(made.aaguid, "0".repeat(32), "our AAGUID");
            const seen = ok(await attempt(page, "login", { user }), `${name}, by allow list`);
            assert.deepEqual([seen.user, seen.signCount], [user, 0]);
          }

          await t.test("packed self attestation", async () => {
            const made = ok(
              await attempt(page, "register", { user: "direct@example.com", attestation: "direct" }),
              "direct",
            );
            assert.equal(made.attestation, "packed");
            ok(await attempt(page, "login", { user: "direct@example.com" }), "direct");
          });

          await t.test("an account that is not discoverable signs in by its allow list", async () => {
            ok(await attempt(page, "register", { user: "second@example.com", residentKey: "discouraged" }), "second");
            ok(await attempt(page, "login", { user: "second@example.com" }), "second");
          });

          await t.test("verification: required sets UV, discouraged asks nobody", async () => {
            const made = ok(
              await attempt(page, "register", { user: "uv@example.com", userVerification: "required" }),
              "uv",
            );
            assert.equal(made.uv, true);
            assert.equal(
              ok(await attempt(page, "login", { user: "uv@example.com", userVerification: "required" }), "uv").uv,
              true,
            );
          });

          await t.test("an excluded credential is InvalidStateError, a DOMException of the page", async () => {
            const again = await attempt(page, "register", { user: "uv@example.com", exclude: true });
            assert.deepEqual([again.thrown?.name, again.thrown?.isDOMException], ["InvalidStateError", true]);
          });

          await t.test("the credential is a real one", async () => {
            const shape = await page.evaluate(async () => {
              const begun = await rp.post("/api/login/begin", rp.facts({ user: "uv@example.com" }));
              const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(begun.options);
              const credential = await navigator.credentials.get({ publicKey });
              const own = Object.getOwnPropertyNames(credential);
              const rawId = Object.getOwnPropertyDescriptor(PublicKeyCredential.prototype, "rawId").get.call(
                credential,
              );
              let writable = true;
              try {
                (() => {
                  credential.id = "x";
                })();
              } catch {
                writable = false;
              }
              return {
                own,
                writable,
                instance: credential instanceof PublicKeyCredential && credential instanceof Credential,
                response: credential.response instanceof AuthenticatorAssertionResponse,
                text: Object.prototype.toString.call(credential),
                rawId: rawId instanceof ArrayBuffer,
                attachment: credential.authenticatorAttachment,
                extensions: JSON.stringify(credential.getClientExtensionResults()),
                json: JSON.parse(JSON.stringify(credential)).type,
                native: Function.prototype.toString.call(navigator.credentials.get),
                names: [navigator.credentials.get.name, navigator.credentials.get.length],
              };
            });
            assert.deepEqual(shape.own, []);
            assert.deepEqual([shape.instance, shape.response, shape.rawId], [true, true, true]);
            assert.equal(shape.text, "[object PublicKeyCredential]");
            assert.equal(shape.json, "public-key");
            assert.match(shape.native, /\[native code\]/);
            assert.equal(shape.attachment, "platform");
          });
        },
      );
    }

    await t.test("several accounts: without an allow list one of the site's own signs in", async t => {
      const site = await RELYING_PARTIES["go-webauthn"]();
      after(t, site.close);
      const page = await visit(browser, site.origin.replace("localhost", "several.localhost"));
      for (const user of ["ada@example.com", "grace@example.com", "lin@example.com"]) {
        assert.equal((await attempt(page, "register", { user, residentKey: "required" })).ok, true);
      }
      const seen = await attempt(page, "login", {});
      assert.equal(seen.ok, true, JSON.stringify(seen));
      assert.match(seen.user, /@example\.com$/);
    });

    await t.test("aborted, already aborted, and badly formed calls fail as the browser's own do", async t => {
      const site = await RELYING_PARTIES["go-webauthn"]();
      after(t, site.close);
      const page = await visit(browser, site.origin);
      const results = await page.evaluate(async () => {
        const name = promise =>
          promise.then(
            () => "made",
            e => `${e?.name ?? e}/${e instanceof DOMException}`,
          );
        const publicKey = {
          rp: { name: "x" },
          user: { id: new Uint8Array([1]), name: "n", displayName: "d" },
          challenge: new Uint8Array(16),
          pubKeyCredParams: [{ type: "public-key", alg: -7 }],
        };
        const { credentials } = navigator;
        return {
          aborted: await name(credentials.create({ publicKey, signal: AbortSignal.abort() })),
          reason: await name(
            credentials.get({ publicKey: { challenge: new Uint8Array(16) }, signal: AbortSignal.abort("tired") }),
          ),
          stringChallenge: await name(credentials.create({ publicKey: { ...publicKey, challenge: "abc" } })),
          missingRp: await name(credentials.create({ publicKey: { ...publicKey, rp: undefined } })),
          longUser: await name(
            credentials.create({ publicKey: { ...publicKey, user: { ...publicKey.user, id: new Uint8Array(65) } } }),
          ),
        };
      });
      assert.deepEqual(results, {
        aborted: "AbortError/true",
        reason: "tired/false",
        stringChallenge: "TypeError/false",
        missingRp: "TypeError/false",
        longUser: "TypeError/false",
      });
    });

    await t.test("consent denied is NotAllowedError, and nothing is stored", async t => {
      const site = await RELYING_PARTIES["go-webauthn"]();
      after(t, site.close);
      const page = await visit(browser, site.origin);
      await browser.bed.consent("deny");
      const refused = await attempt(page, "register", { user: "no@example.com" });
      assert.deepEqual([refused.thrown?.name, refused.thrown?.isDOMException], ["NotAllowedError", true]);
      await browser.bed.consent("allow"); // or the list would be refused, too
      const list = await browser.bed.run("list", "--json");
      assert.match(list, /uv@example\.com/);
      assert.doesNotMatch(list, /no@example\.com/);
    });
  });
}
