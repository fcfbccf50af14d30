// The RP ID rule against native Chromium: every vector of host/webauthn/testdata/rpid.json gives the browser's own
// verdict (with no extension in it) and must be what the host's rule says there.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { after, openChromium, temporaryFolder } from "./lib/browsers.mjs";

const file = new URL("../../host/webauthn/testdata/rpid.json", import.meta.url);

test("native Chromium agrees with every RP ID vector", async t => {
  const vectors = JSON.parse(await readFile(file, "utf8"));
  assert.ok(vectors.length >= 80, `only ${vectors.length} vectors`);
  const home = await temporaryFolder(t);
  const browser = await openChromium({ home, userDataDir: `${home}/profile` });
  after(t, () => browser.close());

  // Any origin can be had without a network: the page's requests are answered here.
  await browser.context.route("**/*", route =>
    route.fulfill({ contentType: "text/html", body: "<!doctype html><title>vector</title>" }),
  );
  const page = await browser.newPage();
  const devtools = await browser.context.newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
    },
  });

  const byOrigin = Map.groupBy ? Map.groupBy(vectors, v => v.origin) : group(vectors);
  const wrong = [];
  for (const [origin, cases] of byOrigin) {
    const opened = await page.goto(`${origin}/`, { timeout: 10_000 }).then(
      () => true,
      () => false,
    );
    for (const { rpId, accept } of cases) {
      const verdict = opened ? await page.evaluate(create, rpId) : "not opened";
      if ((verdict === "made") !== accept)
        wrong.push(
          `${origin} with ${JSON.stringify(rpId)}: Chromium says ${verdict}, we say ${accept ? "accept" : "refuse"}`,
        );
    }
  }
  assert.deepEqual(wrong, []);
});

function group(vectors) {
  const map = new Map();
  for (const v of vectors) map.set(v.origin, [...(map.get(v.origin) ?? []), v]);
  return map;
}

async function create(rpId) {
  if (!navigator.credentials) return "no credentials here";
  try {
    await navigator.credentials.create({
      publicKey: {
        rp: { id: rpId, name: "vector" },
        user: { id: new Uint8Array([1]), name: "v", displayName: "v" },
        challenge: new Uint8Array(16),
        pubKeyCredParams: [{ type: "public-key", alg: -7 }],
        timeout: 10_000,
      },
    });
    return "made";
  } catch (error) {
    return error.name;
  }
}
