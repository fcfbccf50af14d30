/** The states of vault and settings. */
import type { AuditLine, Browser, Entry, Settings, Slot } from "../../shared/protocol.gen";
import { connected, never, refuse, type State, status } from "./world";

const NOW = Date.now();
const DAY = 86_400_000;

const SITES = [
  "example.com",
  "github.example",
  "bank.example",
  "läden.example",
  "mail.example",
  "a-rather-long-name-for-a-shop-on-the-internet.example",
];
const entries: Entry[] = SITES.map((rpId, i) => ({
  id: `e${i}`,
  kind: "passkey",
  title: i === 1 ? "Work code" : rpId,
  rpId,
  userName: i === 3 ? "" : `anna${i}@example.org`,
  displayName: "Anna Meyer",
  algorithm: i % 2 ? "EdDSA" : "ES256",
  createdAt: NOW - (i + 2) * 9 * DAY,
  modifiedAt: NOW - i * DAY,
  ...(i % 2 ? {} : { usedAt: NOW - (i * 3 + 1) * 3_600_000 }),
  ...(i === 4 ? { pending: true } : {}),
}));
const lines: AuditLine[] = [
  {
    at: NOW - 60_000,
    action: "used",
    what: "example.com",
    who: "Firefox on Linux",
    origin: "https://accounts.example.com",
  },
  { at: NOW - DAY, action: "created", what: "mail.example", who: "Chromium on Linux", origin: "https://mail.example" },
  { at: NOW - 2 * DAY, action: "changed", what: "Settings", who: "Command line" },
];
const list: State["answers"] = {
  list: ({ query, trash }) => {
    if (trash) return { entries: entries.slice(0, 2).map(e => ({ ...e, trashedAt: NOW - 3 * DAY })), total: 2 };
    const found = query ? entries.filter(e => e.title.includes(query)) : entries;
    return { entries: found, total: query ? found.length : 1204, ...(query ? {} : { next: "more" }) };
  },
  show: ({ id }) => entries.find(e => e.id === id) ?? refuse("not-found", "no such entry"),
  rename: ({ id }) => entries.find(e => e.id === id) ?? refuse("not-found", "no such entry"),
  trash: () => ({}),
  untrash: () => ({}),
  audit: () => ({ lines }),
};
const settings: Settings = { lockAfterMs: 900_000, verifyForMs: 60_000, lockOnScreen: true, lockOnSuspend: true };
const slots: Slot[] = [
  { id: "s1", kind: "passphrase", createdAt: NOW - 400 * DAY, memoryKiB: 262_144, passes: 3 },
  { id: "s2", kind: "recovery", createdAt: NOW - 400 * DAY },
  { id: "s3", kind: "passphrase", label: "For Ben", createdAt: NOW - 20 * DAY },
];
const browsers: Browser[] = [
  {
    id: "b1",
    label: "Firefox on Linux",
    caller: "keyferry@keyferry.app",
    pairedAt: NOW - 40 * DAY,
    seenAt: NOW - 1000,
    current: true,
  },
  {
    id: "b2",
    label: "Chromium on Linux",
    caller: "chrome-extension://x/",
    pairedAt: NOW - 39 * DAY,
    seenAt: NOW - 5 * DAY,
  },
];
const all: NonNullable<State["answers"]> = {
  "settings.get": () => settings,
  "settings.set": ({ lockAfterMs, verifyForMs, lockOnScreen, lockOnSuspend }) => ({
    lockAfterMs,
    verifyForMs,
    lockOnScreen,
    lockOnSuspend,
  }),
  "slots.list": () => ({ slots }),
  "browsers.list": () => ({ browsers }),
  "sites.off": () => ({ sites: ["news.example", "casino.example"] }),
  "vault.health": () => ({ state: "whole", checked: 1204, total: 1204 }),
  "passphrase.check": () => ({ bits: 20, accept: false, verdict: "Too easy: a computer guesses this within minutes." }),
};
const here = connected("unlocked", "yes", { dialog: "none" });
const wrong = (): never =>
  refuse("wrong-secret", "that passphrase doesn't open the vault; nothing was changed, check it and try again");

export const vaultStates: Record<string, State> = {
  "vault-list": { page: "vault", answers: list },
  "vault-search": { page: "vault", answers: list, steps: [{ fill: ["Search", "example.com"] }, { wait: 300 }] },
  "vault-nothing-found": { page: "vault", answers: list, steps: [{ fill: ["Search", "zebra"] }, { wait: 300 }] },
  "vault-empty": { page: "vault", answers: { list: () => ({ entries: [], total: 0 }) } },
  "vault-open": { page: "vault", answers: list, steps: [{ wait: 200 }, { entry: 1 }] },
  "vault-rename": { page: "vault", answers: list, steps: [{ wait: 200 }, { entry: 0 }, { press: "Rename" }] },
  "vault-pending": { page: "vault", answers: list, steps: [{ wait: 200 }, { entry: 4 }] },
  "vault-trashed": { page: "vault", answers: list, steps: [{ wait: 200 }, { entry: 0 }, { press: "Move to trash" }] },
  "vault-trash": { page: "vault", hash: "trash", answers: list },
  "vault-trash-confirm": {
    page: "vault",
    hash: "trash",
    answers: list,
    connection: here,
    steps: [{ wait: 200 }, { press: "Empty the trash…" }],
  },
  "vault-trash-empty": { page: "vault", hash: "trash", answers: { list: () => ({ entries: [], total: 0 }) } },
  "vault-activity": { page: "vault", hash: "activity", answers: list },
  "vault-failed": {
    page: "vault",
    answers: {
      list: () =>
        refuse("vault-damaged", "12 records failed their check; the rest can be read, run `keyferry doctor vault`"),
    },
  },
  "vault-locked": { page: "vault", connection: connected("locked", "yes") },
  "vault-missing": { page: "vault", connection: { kind: "host-missing", message: "" } },

  "settings-all": { page: "settings", answers: all },
  "settings-profiles": {
    page: "settings",
    connection: connected("locked", "unknown", { profile: "work" }),
    answers: { "profiles.list": () => ({ profiles: [{ name: "default" }, { name: "work", current: true }] }) },
  },
  "settings-changed": { page: "settings", answers: all, steps: [{ press: "Lock when the screen locks" }] },
  "settings-changed-here-wrong": {
    page: "settings",
    connection: here,
    answers: { ...all, "settings.set": wrong },
    steps: [{ press: "Lock when the screen locks" }, { fill: ["Your passphrase", "no"] }, { press: "Save changes" }],
  },
  "settings-dialog-open": {
    page: "settings",
    answers: { ...all, rekey: never },
    steps: [{ press: "Make new keys…" }, { press: "Make new keys" }],
  },
  "settings-passphrase-here": {
    page: "settings",
    connection: here,
    answers: all,
    steps: [{ press: "Change Passphrase" }, { fill: ["New passphrase", "summer"] }, { wait: 400 }],
  },
  "settings-phrase": {
    page: "settings",
    answers: {
      ...all,
      "slots.add": () => ({
        slot: slots[1] as Slot,
        recoveryPhrase: "harbour velvet cactus orbit meadow tunnel pepper island quartz lantern walnut breeze".split(
          " ",
        ),
      }),
    },
    steps: [{ press: "New recovery phrase" }, { press: "Make the phrase" }],
  },
  "settings-remove": { page: "settings", connection: here, answers: all, steps: [{ press: "Remove Recovery phrase" }] },
  "settings-pin-here": {
    page: "settings",
    connection: here,
    answers: all,
    steps: [{ press: "Set a PIN" }, { fill: ["New PIN", "12"] }, { press: "Set the PIN" }],
  },
  "settings-pin-set": {
    page: "settings",
    connection: connected("unlocked", "yes", { pin: true }),
    answers: { ...all, "pin.set": () => status("unlocked") },
  },
  "settings-keyring": { page: "settings", answers: all, steps: [{ press: "Open with the login" }] },
  "settings-revoke": { page: "settings", answers: all, steps: [{ press: "Disconnect Firefox on Linux" }] },
  "settings-checking": {
    page: "settings",
    answers: {
      ...all,
      "slots.list": () => ({ slots: slots.slice(0, 1) }),
      "sites.off": () => ({ sites: [] }),
      "vault.health": () => ({ state: "checking", checked: 4000, total: 10_000 }),
    },
  },
  "settings-damaged": {
    page: "settings",
    answers: {
      ...all,
      "vault.health": () => ({
        state: "damaged",
        checked: 900,
        total: 1204,
        findings: ["3 passkeys of example.com can't be read", "the log ends early"],
      }),
    },
  },
  "settings-locked": { page: "settings", connection: connected("locked", "yes", { dialog: "none" }) },
  "settings-unpaired": { page: "settings", connection: connected("unlocked", "no") },
  "settings-forgot": { page: "settings", query: "forgot=yes", connection: connected("locked", "yes"), answers: all },
  "settings-forgot-wrong": {
    page: "settings",
    query: "forgot=yes",
    connection: connected("locked", "yes"),
    answers: { unlock: () => refuse("wrong-secret", "word 3, “aple”, is not in the list; did you mean “apple”?") },
    steps: [{ fill: ["Recovery phrase", "zebra oak aple"] }, { press: "Open with this phrase" }],
  },
  "settings-forgot-renew": {
    page: "settings",
    query: "forgot=yes",
    connection: connected("locked", "yes", { dialog: "none" }),
    answers: { ...all, unlock: () => status("unlocked") },
    steps: [{ fill: ["Recovery phrase", "zebra oak apple"] }, { press: "Open with this phrase" }],
  },
  "settings-forgot-done": {
    page: "settings",
    query: "forgot=yes",
    connection: connected("locked", "yes"),
    answers: { ...all, unlock: () => status("unlocked"), "slots.change": () => ({}) },
    steps: [
      { fill: ["Recovery phrase", "zebra oak apple"] },
      { press: "Open with this phrase" },
      { press: "Set the new passphrase" },
    ],
  },
};
