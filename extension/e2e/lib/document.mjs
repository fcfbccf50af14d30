// A CXF document of made-up credentials, with everything in it that a move has to keep: passkeys of several algorithms,
// some with PRF secrets, large blobs and cred blobs, items of other kinds, collections, and members that no version of
// Keyferry knows. What must never be seen on a disk is listed beside it.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { deflateRawSync } from "node:zlib";

const b64 = bytes => Buffer.from(bytes).toString("base64url");
const id = () => b64(randomBytes(16));
const field = (value, fieldType = "string") => ({ fieldType, value });
const NOW = 1_793_000_000;

/** A private key as PKCS#8, and the bytes of it that are secret: the scalar, or the seed. */
function privateKey(n) {
  if (n % 4 === 3) {
    const der = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "der" });
    return { der, secret: der.subarray(-32) };
  }
  const pair = generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey;
  return {
    der: pair.export({ type: "pkcs8", format: "der" }),
    secret: Buffer.from(pair.export({ format: "jwk" }).d, "base64url"),
  };
}

function passkey(n, secrets) {
  const { der, secret } = privateKey(n);
  secrets.push(secret);
  const extensions = {};
  if (n % 5 === 0) {
    const [withUV, withoutUV] = [randomBytes(32), randomBytes(32)];
    secrets.push(withUV, withoutUV);
    extensions.hmacCredentials = { algorithm: "hmac-sha256", credWithUV: b64(withUV), credWithoutUV: b64(withoutUV) };
  }
  if (n % 7 === 0) extensions.credBlob = b64(randomBytes(32));
  if (n % 9 === 0) {
    const blob = Buffer.concat([Buffer.from(`large blob ${n} `.repeat(20)), randomBytes(64)]);
    extensions.largeBlob = { uncompressedSize: blob.length, data: b64(deflateRawSync(blob)) };
  }
  if (n % 11 === 0) extensions["example.com/afterglow"] = { level: n, kept: [1, "two", null, { deep: true }] };
  return {
    type: "passkey",
    credentialId: b64(randomBytes(n % 3 === 0 ? 64 : 16)),
    rpId: `site-${n % 350}.example`,
    username: `person${n}@example.com`,
    userDisplayName: `Person Nº ${n}`,
    userHandle: b64(randomBytes(16)),
    key: b64(der),
    ...(Object.keys(extensions).length > 0 ? { fido2Extensions: extensions } : {}),
    ...(n % 13 === 0 ? { "example.com/tint": { hue: n, names: ["teal", "émeraude"] } } : {}),
  };
}

const OTHERS = [
  (n, secret) => ({
    type: "basic-auth",
    username: field(`person${n}`),
    password: field(secret(), "concealed-string"),
  }),
  (n, secret) => ({ type: "note", content: field(`A note, number ${n}: ${secret()}`) }),
  () => ({ type: "totp", secret: "JBSWY3DPEHPK3PXP", period: 30, digits: 6, algorithm: "sha1", issuer: "Example" }),
  (n, secret) => ({
    type: "credit-card",
    number: field(`411111111111${String(1000 + n).slice(-4)}`, "concealed-string"),
    fullName: field("Ada Example"),
    verificationNumber: field(secret(), "concealed-string"),
    expiryDate: field("2031-05", "year-month"),
  }),
  (n, secret) => ({ type: "example.com/spell", power: n, words: secret(), nested: { list: [[1], [2, [3]]] } }),
];

function other(n, secrets) {
  const secret = () => {
    const text = `secret-${b64(randomBytes(18))}`;
    secrets.push(Buffer.from(text));
    return text;
  };
  return OTHERS[n % OTHERS.length](n, secret);
}

/**
 * Makes a document. `secrets` are what must stay secret, as bytes: private scalars and seeds, PRF secrets, passwords.
 */
export function makeDocument({ passkeys = 500, items = 200 } = {}) {
  const secrets = [];
  const make = (title, credential, n) => ({
    id: id(),
    creationAt: NOW - 1000 * n,
    modifiedAt: NOW - 10 * n,
    title,
    ...(n % 6 === 0 ? { favorite: true } : {}),
    scope: { urls: [`https://site-${n % 350}.example`], androidApps: [] },
    credentials: [credential],
    ...(n % 8 === 0 ? { tags: ["work", `n${n}`] } : {}),
    ...(n % 15 === 0 ? { extensions: [{ name: "example.com/mood", mood: n }] } : {}),
    ...(n % 21 === 0 ? { "example.com/shelf": { row: n } } : {}),
  });
  const all = [
    ...Array.from({ length: passkeys }, (_, n) => make(`Site ${n}`, passkey(n, secrets), n)),
    ...Array.from({ length: items }, (_, n) => make(`Other ${n}`, other(n, secrets), n)),
  ];
  const collection = (title, members, more = {}) => ({
    id: id(),
    title,
    items: members.map(item => ({ item: item.id })),
    ...more,
  });
  const document = {
    version: { major: 1, minor: 0 },
    exporterRpId: "elsewhere.example",
    exporterDisplayName: "Elsewhere",
    timestamp: NOW,
    accounts: [
      {
        id: id(),
        username: "ada",
        email: "ada@example.com",
        fullName: "Ada Example",
        collections: [
          collection(
            "Work",
            all.filter((_, n) => n % 10 === 1),
            {
              subCollections: [
                collection(
                  "Servers",
                  all.filter((_, n) => n % 50 === 2),
                ),
              ],
              "example.com/colour": "#0a0",
            },
          ),
          collection(
            "Home",
            all.filter((_, n) => n % 10 === 3),
          ),
        ],
        items: all,
        "example.com/anchor": { since: 1999 },
      },
    ],
  };
  return { document, secrets };
}

/** The document as it is compared: without who wrote it and when, each list in an order of its own. */
export function essence(document) {
  const by = key => (a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0);
  const collection = c => ({
    ...c,
    items: [...c.items].sort(by(l => l.item)),
    ...(c.subCollections ? { subCollections: c.subCollections.map(collection).sort(by(s => s.id)) } : {}),
  });
  return document.accounts
    .map(account => ({
      ...account,
      items: [...account.items].sort(by(item => item.id)),
      collections: account.collections.map(collection).sort(by(c => c.id)),
    }))
    .sort(by(account => account.id));
}

/** All passkeys of a document, by RP ID and credential ID. */
export function passkeysOf(document) {
  const found = new Map();
  for (const account of document.accounts)
    for (const item of account.items)
      for (const c of item.credentials) if (c.type === "passkey") found.set(`${c.rpId} ${c.credentialId}`, c);
  return found;
}
