/** The states of the transfer page. */
import type { Provider, Transfer, TransferEntry } from "../../shared/protocol.gen";
import { ErrorCode } from "../../shared/protocol.gen";
import { connected, never, refuse, type State } from "./world";

const NOW = Date.now();
const DAY = 86_400_000;
const DIGEST = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA";
const FINGERPRINT = "NF6Y-Y4HM-AXWB-9AYD-XW94-D5KR";

const base = { id: "t1", startedAt: NOW - 120_000 };
const out: Transfer = {
  ...base,
  kind: "sealed",
  out: true,
  state: "asking",
  claim: { name: "keyferry.app", displayName: "Keyferry on Anna's notebook" },
  ask: [2, 4, 5],
  suite: "DHKEM(X25519+ML-KEM-768), HKDF-SHA256, AES-256-GCM",
  counts: { passkey: 498, "basic-auth": 183, note: 12, totp: 1, "credit-card": 4 },
  leftOut: 2,
  remarks: [
    "bank.example: its signature counter is 17, which would not survive the move",
    "old.example: the key cannot be read",
  ],
};
const into: Transfer = {
  ...base,
  kind: "sealed",
  out: false,
  state: "asking",
  claim: { name: "keyferry.app" },
  ask: [1, 3, 6],
};
const review: Transfer = {
  ...into,
  state: "review",
  counts: { new: 3, duplicate: 1, differs: 1, conflict: 1, unreadable: 1 },
  remarks: ["the file was written by a newer version; what this one does not know is kept as it is"],
};
const entry = (n: number, more: Partial<TransferEntry>): TransferEntry => ({
  n,
  kind: "passkey",
  status: "new",
  title: `site${n}.example`,
  rpId: `site${n}.example`,
  userName: "anna@example.org",
  choice: "take",
  choices: ["take", "keep"],
  ...more,
});
const ENTRIES: readonly TransferEntry[] = [
  entry(0, {}),
  entry(1, { title: "Work code", rpId: "github.example" }),
  entry(2, {
    kind: "item",
    title: "Wi-Fi at home, the one with the long name that the last owner chose",
    types: ["wifi", "note"],
    rpId: "",
  }),
  entry(3, { status: "duplicate", choice: "keep", choices: ["keep"] }),
  entry(4, {
    status: "differs",
    kind: "item",
    types: ["basic-auth"],
    choice: "keep",
    choices: ["keep", "take", "merge", "both"],
    fields: ["password", "notes"],
    mineAt: NOW - 40 * DAY,
    theirAt: NOW - 2 * DAY,
  }),
  entry(5, {
    status: "conflict",
    choice: "keep",
    choices: ["keep", "take"],
    reason: "the same site and credential ID with another private key",
    mineAt: NOW - 4 * DAY,
    theirAt: NOW - 90 * DAY,
  }),
  entry(6, {
    status: "unreadable",
    choice: "keep",
    choices: ["keep"],
    reason: "the private key is of a kind that Keyferry does not know",
  }),
];
const LEAVING: readonly TransferEntry[] = [
  entry(0, { status: "goes" }),
  entry(1, { status: "goes", title: "Work code", rpId: "github.example", choice: "keep" }),
  entry(2, {
    status: "goes",
    kind: "item",
    title: "Wi-Fi at home, the one with the long name that the last owner chose",
    types: ["note", "wifi"],
    rpId: "",
  }),
  entry(3, {
    status: "part",
    reason: "loses its PRF secrets: what the site encrypted with them cannot be opened from Bitwarden",
  }),
  entry(4, {
    status: "stays",
    choice: "keep",
    choices: ["keep"],
    title: "bank.example",
    rpId: "bank.example",
    reason: "was left out: it has a signature counter (17), which must not be in two places",
  }),
  entry(5, {
    status: "stays",
    kind: "item",
    types: ["basic-auth"],
    title: "Mail",
    rpId: "",
    choice: "keep",
    choices: ["keep"],
    reason: "the other side takes nothing of this kind",
  }),
  entry(6, {
    status: "stays",
    choice: "keep",
    choices: ["keep"],
    title: "Example Vault",
    rpId: "login.vault.example",
    reason: "Example Vault does not take logins for this site",
    excluded: true,
  }),
];
const PLACES = [
  { n: 1, count: 2 },
  { n: 2, account: "Bitwarden, anna@example.org", count: 3 },
  { n: 3, account: "Bitwarden, anna@example.org", collection: "Work", count: 2 },
  { n: 4, account: "Bitwarden, anna@example.org", collection: "Work / Servers", count: 1 },
];
const app: Provider = {
  id: "p1",
  rpId: "vault.example",
  name: "Example Vault",
  program: "/usr/lib/example-vault/exchange",
  system: true,
  file: "/usr/share/cxp/providers/vault.example.json",
  state: "known",
};
const EXCLUDING: Provider = {
  ...app,
  excludes: 3,
  excludedSites: ["vault.example", "a-very-long-name-of-a-site-that-nobody-would-type.by-hand.example"],
};
const APPS: readonly Provider[] = [
  app,
  {
    ...app,
    id: "p2",
    rpId: "keyferry.app",
    name: "Keyferry (work)",
    types: ["passkey", "basic-auth", "totp"],
    program: "/home/anna/.local/share/keyferry/bin/keyferry",
    system: false,
    file: "/home/anna/.local/share/cxp/providers/keyferry-work.json",
    state: "first-use",
    icon: "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  },
  {
    ...app,
    id: "p3",
    rpId: "other.example",
    name: "Other Keys",
    program: "/usr/bin/python3",
    script: "/home/anna/Downloads/a folder with a long name/other-keys-exchange-provider.py",
    system: false,
    state: "program-changed",
  },
];
const apps: NonNullable<State["answers"]> = {
  "transfer.providers": () => ({
    providers: [...APPS],
    ignored: [{ file: "/home/anna/.local/share/cxp/providers/bad.json", reason: "others could change the file" }],
  }),
};
const nobody: NonNullable<State["answers"]> = { "transfer.providers": () => ({ providers: [], ignored: [] }) };

/** The answers of an agent whose only transfer stands like this. */
function standing(transfer: Transfer, more: State["answers"] = {}): NonNullable<State["answers"]> {
  let now = transfer;
  return {
    "transfer.get": ({ not }) => (not === now.state ? never() : now),
    "transfer.entries": ({ status, query, place }) => {
      const leaving = LEAVING.filter(e => !e.excluded || now.excluded);
      const all = now.out ? leaving.slice(0, place ? 3 : leaving.length) : ENTRIES;
      const entries = all.filter(e => (!status || e.status === status) && (!query || e.title.includes(query)));
      const chosen = entries.filter(e => e.choice === "take").length;
      return { entries, total: entries.length, ...(now.out ? { chosen, places: [...PLACES] } : {}) };
    },
    "transfer.choose": () => now,
    "transfer.originals": ({ do: what }) => {
      now = { ...now, originals: what };
      return { trashed: what === "trash" ? 5 : 0, changed: 0, gone: 0 };
    },
    "transfer.cancel": () => ({}),
    "transfer.commit": () => {
      now = { ...now, state: "storing", done: 0, total: 7 };
      return now;
    },
    ...more,
  };
}

function at(transfer: Transfer, more: Partial<State> = {}): State {
  return { page: "transfer", hash: "transfer=t1", answers: standing(transfer), ...more };
}

const start: NonNullable<State["answers"]> = {
  "transfer.providers": () => ({ providers: [], ignored: [] }),
  "transfer.list": () => ({ transfers: [] }),
  "transfer.imports": () => ({ imports: [] }),
  "transfer.moved": () => ({ moves: [] }),
};
const busy: NonNullable<State["answers"]> = {
  "transfer.providers": ({ out: to }) => ({ providers: to ? [...APPS, app] : [app], ignored: [] }),
  "transfer.list": () => ({ transfers: [{ ...out, state: "ready" }, review] }),
  "transfer.imports": () => ({
    imports: [
      { id: "i1", at: NOW - 3 * DAY, from: "keyferry.app", added: 214, replaced: 3 },
      { id: "i2", at: NOW - 12 * DAY, added: 1, replaced: 0 },
    ],
  }),
  "transfer.undo": () => ({ removed: 214, restored: 3, lost: 0 }),
  "transfer.moved": () => ({ moves: [{ id: "m1", at: NOW - 2 * DAY, to: "a file for KeePass", count: 214 }] }),
  "transfer.settle": () => ({ trashed: 213, changed: 1, gone: 0 }),
};
const requests: NonNullable<State["answers"]> = {
  "transfer.requests": () => ({ requests: [] }),
  "transfer.request": () => ({
    request: "A".repeat(3396),
    fingerprint: FINGERPRINT,
    digest: DIGEST,
    expiresAt: NOW + DAY,
  }),
  "transfer.forget": () => ({}),
};
const list: NonNullable<State["answers"]> = {
  "transfer.formats": () => ({
    formats: [
      { id: "bitwarden", name: "Bitwarden", write: true, encrypted: true, passkeys: true },
      {
        id: "kdbx",
        name: "KeePass (KeePassXC, KeePassDX, KeePassium, Strongbox)",
        write: true,
        encrypted: true,
        passkeys: true,
      },
      { id: "cxf", name: "Exchange document", write: true, passkeys: true },
      { id: "firefox", name: "Firefox (CSV)" },
    ],
  }),
};
const done: Transfer = {
  ...review,
  state: "done",
  outcome: { import: "i1", added: 3, replaced: 1, merged: 1, skipped: 2, files: 1 },
};
const here = connected("unlocked", "yes", { dialog: "none" });
const backup: Transfer = { ...base, kind: "backup", out: true, state: "asking", counts: { passkey: 1204, note: 1 } };
const toApp: Transfer = {
  ...base,
  kind: "direct",
  out: true,
  state: "asking",
  counts: { passkey: 498, note: 12 },
  provider: app,
};
const strength: NonNullable<State["answers"]> = {
  "passphrase.check": () => ({ bits: 90, accept: true, verdict: "Strong." }),
};

export const transferStates: Record<string, State> = {
  "transfer-start": { page: "transfer", answers: start },
  "transfer-start-busy": { page: "transfer", answers: busy },
  "transfer-imports-undo": {
    page: "transfer",
    answers: { ...busy, "transfer.imports": () => ({ imports: [{ id: "i1", at: NOW, added: 214, replaced: 3 }] }) },
    steps: [{ wait: 200 }, { press: "Undo this import" }],
  },
  "transfer-moved-settle": {
    page: "transfer",
    answers: busy,
    steps: [
      { wait: 200 },
      { press: "It arrived: trash it here, 214 entries" },
      { press: "Move them to the trash" },
      { wait: 100 },
    ],
  },
  "transfer-locked": { page: "transfer", connection: connected("locked", "yes") },
  "transfer-out": { page: "transfer", hash: "out-computer", answers: list },
  "transfer-out-missing": { page: "transfer", hash: "out-computer", answers: list, steps: [{ press: "Go on" }] },
  "transfer-out-file": {
    page: "transfer",
    hash: "out-file",
    answers: list,
    steps: [{ wait: 100 }, { press: "Go on" }, { wait: 50 }],
  },
  "transfer-out-plain": {
    page: "transfer",
    hash: "out-file",
    answers: list,
    steps: [
      { wait: 100 },
      { press: "Another app that reads the standard exchange format" },
      { press: "Go on" },
      { wait: 50 },
    ],
  },
  "transfer-out-plain-asking": at({ ...backup, kind: "plain", counts: { passkey: 3 } }),
  "transfer-out-apps": { page: "transfer", hash: "out-app", answers: apps },
  "transfer-out-nobody": { page: "transfer", hash: "out-app", answers: nobody },
  "transfer-out-backup": { page: "transfer", hash: "out-backup" },
  "transfer-out-asking": at(out),
  "transfer-out-stays": at(out, { steps: [{ wait: 250 }, { press: "Can't go" }, { wait: 250 }] }),
  "transfer-out-search": at(out, {
    steps: [{ wait: 250 }, { fill: ["Search", "nothing like it"] }, { wait: 300 }],
  }),
  "transfer-out-app-known": at(toApp),
  "transfer-out-app-excludes": at(
    { ...toApp, leftOut: 3, excluded: 1, provider: EXCLUDING },
    {
      steps: [
        { wait: 250 },
        { press: "Can't go" },
        { wait: 250 },
        { press: "Takes no logins for 3 sites" },
        { wait: 100 },
      ],
    },
  ),
  "transfer-out-app-new": at({ ...toApp, provider: APPS[1] as Provider }),
  "transfer-out-app-unsure": at(
    { ...toApp, provider: { ...(APPS[2] as Provider), suspicious: true } },
    { steps: [{ wait: 250 }, { press: "Hand it over" }, { wait: 100 }] },
  ),
  "transfer-out-app-exchanging": at({ ...toApp, state: "exchanging" }),
  "transfer-out-app-writing": at({ ...toApp, state: "writing", done: 4310, total: 10_000, bytes: 2_400_000 }),
  "transfer-out-app-storing": at({ ...toApp, state: "exchanging", bytes: 4_400_000, peerDone: 90, peerTotal: 498 }),
  "transfer-out-app-done": at({
    ...toApp,
    state: "done",
    originals: "ask",
    result: {
      accepted: 496,
      skipped: [{ title: "old.example", type: "passkey", reason: "its key is of a kind that it can't use" }],
    },
  }),
  "transfer-out-app-refused": at({
    ...toApp,
    state: "failed",
    error: {
      code: ErrorCode["peer-refused"],
      name: "peer-refused",
      message: "“Example Vault” (vault.example) said no: its person cancelled; nothing was handed over",
    },
  }),
  "transfer-out-suspicious": at({
    ...out,
    claim: { name: "аpple.com", suspicious: true },
    classical: true,
    leftOut: 0,
    remarks: [],
  }),
  "transfer-out-nothing": at({ ...out, counts: {}, leftOut: 3 }),
  "transfer-out-dialog": at(out, {
    answers: standing(out, { "transfer.start": never }),
    steps: [
      { wait: 150 },
      { fill: ["Group 2", "y4hm"] },
      { fill: ["Group 4", "9ayd"] },
      { fill: ["Group 5", "XW94"] },
      { press: "Make the file" },
    ],
  }),
  "transfer-out-wrong": at(out, {
    answers: standing(out, {
      "transfer.start": () =>
        refuse(
          "fingerprint",
          "the groups are not those of this file; if they stand on the other screen like that, the file was exchanged on the way",
        ),
    }),
    steps: [
      { wait: 150 },
      { fill: ["Group 2", "AAAA"] },
      { fill: ["Group 4", "AAAA"] },
      { fill: ["Group 5", "AAAA"] },
      { press: "Make the file" },
      { wait: 100 },
    ],
  }),
  "transfer-out-writing": at({ ...out, state: "writing", done: 4310, total: 10_000 }),
  "transfer-out-ready": at({ ...out, state: "ready", size: 1_240_000, fingerprint: FINGERPRINT }),
  "transfer-out-done": at({
    ...out,
    state: "done",
    size: 1_240_000,
    fingerprint: FINGERPRINT,
    originals: "ask",
    kept: 3,
  }),
  "transfer-out-trashed": at(
    { ...out, state: "done", size: 1_240_000, originals: "ask" },
    {
      steps: [
        { wait: 150 },
        { press: "Move the originals to the trash" },
        { press: "Move them to the trash" },
        { wait: 200 },
      ],
    },
  ),
  "transfer-backup": at(backup),
  "transfer-backup-here": at(backup, {
    connection: connected("unlocked", "yes", { dialog: "none", test: true }), // nobody else gets this far here
    answers: standing(backup, strength),
    steps: [{ wait: 150 }, { fill: ["New passphrase", "four unrelated words here"] }, { wait: 400 }],
  }),
  "transfer-backup-terminal": at(backup, { connection: here }),
  "transfer-out-app-terminal": at(toApp, {
    answers: { ...standing(toApp), "transfer.start": () => refuse("no-dialog", "no dialog") },
    steps: [{ press: "Hand it over" }, { wait: 150 }],
  }),
  "transfer-backup-done": at({ ...backup, state: "done", size: 4_100_000 }),
  "transfer-in": { page: "transfer", hash: "in-computer", answers: requests },
  "transfer-in-made": {
    page: "transfer",
    hash: "in-computer",
    answers: requests,
    steps: [{ wait: 100 }, { press: "Make the request and save it" }, { wait: 100 }],
  },
  "transfer-in-code": {
    page: "transfer",
    hash: "in-computer",
    answers: requests,
    steps: [
      { wait: 100 },
      { press: "Make the request and save it" },
      { wait: 100 },
      { press: "Show it as a QR code" },
      { wait: 200 },
    ],
  },
  "transfer-in-waiting": {
    page: "transfer",
    hash: "in-computer",
    answers: { ...requests, "transfer.requests": () => ({ requests: [{ digest: DIGEST, expiresAt: NOW + DAY / 2 }] }) },
  },
  "transfer-in-backup": { page: "transfer", hash: "in-backup" },
  "transfer-in-file": { page: "transfer", hash: "in-file" },
  "transfer-in-reading": at({ ...into, state: "reading", done: 120 }),
  "transfer-in-receiving": at({ ...into, state: "receiving", done: 262_144 }),
  "transfer-in-apps": { page: "transfer", hash: "in-app", answers: apps },
  "transfer-in-nobody": { page: "transfer", hash: "in-app", answers: nobody },
  "transfer-in-app-new": at({ ...into, kind: "direct", provider: APPS[1] as Provider }),
  "transfer-in-compare": at(into),
  "transfer-in-classical": at({ ...into, classical: true }),
  "transfer-in-passphrase": at({ ...into, kind: "backup", ask: [], needsPassphrase: true }),
  "transfer-in-password": at({ ...into, kind: "file", format: "Bitwarden", ask: [], needsPassphrase: true }),
  "transfer-in-keyfile": at(
    { ...into, kind: "file", format: "KeePass database (KDBX)", ask: [], needsPassphrase: true, keyFile: true },
    { connection: here, steps: [{ wait: 100 }, { press: "It needs a key file" }] },
  ),
  "transfer-in-plain-done": at({
    ...done,
    kind: "file",
    format: "Chrome (CSV)",
    plaintext: true,
    fileName: "Chrome Passwords.csv",
    size: 4096,
  }),
  "transfer-in-passphrase-wrong": at(
    {
      ...into,
      kind: "backup",
      ask: [],
      needsPassphrase: true,
      error: { code: ErrorCode["wrong-secret"], name: "wrong-secret", message: "this is not the backup's passphrase" },
    },
    { connection: here },
  ),
  "transfer-review": at(review),
  "transfer-review-all": at(review, { steps: [{ wait: 200 }, { press: "All (7)" }, { wait: 300 }] }),
  "transfer-review-search": at(review, {
    steps: [{ wait: 200 }, { press: "New (3)" }, { fill: ["Search", "site"] }, { wait: 300 }],
  }),
  "transfer-review-app": at({ ...review, kind: "direct", provider: app, expiresAt: NOW + 3_600_000 }),
  "transfer-review-known": at({ ...review, counts: { duplicate: 7 }, remarks: [] }),
  "transfer-review-storing": at({ ...review, state: "storing", done: 3, total: 7 }),
  "transfer-in-done": at(done),
  "transfer-in-unchanged": at({
    ...done,
    remarks: [],
    outcome: { added: 0, replaced: 0, merged: 0, skipped: 7, files: 0, unchanged: true },
  }),
  "transfer-in-failed": at({
    ...into,
    state: "failed",
    error: {
      code: ErrorCode["bad-file"],
      name: "bad-file",
      message: "the file is damaged or was changed on its way: its seal does not fit",
    },
  }),
  "transfer-gone": {
    page: "transfer",
    hash: "transfer=t1",
    answers: { "transfer.get": () => refuse("not-found", "this transfer is over") },
  },
};
