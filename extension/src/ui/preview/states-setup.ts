/** The states of welcome, popup and unlock. */
import type { Account, SiteInfo } from "../../shared/protocol.gen";
import { connected, never, refuse, type State, status } from "./world";

const NOW = Date.now();
const PHRASE = [
  "harbour",
  "velvet",
  "cactus",
  "orbit",
  "meadow",
  "tunnel",
  "pepper",
  "island",
  "quartz",
  "lantern",
  "walnut",
  "breeze",
];
const strength = {
  "passphrase.check": ({ passphrase }: { passphrase: string }) =>
    passphrase.length > 20
      ? { bits: 62, accept: true, verdict: "Strong: guessing it would take centuries, even with the vault's files." }
      : {
          bits: 18,
          accept: false,
          verdict: "Too easy: a computer guesses this within minutes. Add more unrelated words.",
        },
};
const accounts: Account[] = [
  { id: "1", userName: "anna@example.org", usedAt: NOW - 7_200_000 },
  { id: "2", userName: "anna.meyer@work.example", pending: true },
];

function site(more: Partial<SiteInfo> = {}): State["answers"] {
  let info: SiteInfo = { site: "example.com", known: true, off: false, accounts, ...more };
  return {
    "site.get": () => info,
    "site.set": ({ off }) => {
      info = { ...info, off };
      return info;
    },
    lock: () => ({}),
  };
}

const twoVaults: State["answers"] = {
  "profiles.list": () => ({ profiles: [{ name: "default" }, { name: "work", current: true }] }),
};
const none = connected("none", "no");
const noDialog = connected("none", "no", { dialog: "none" });
const locked = connected("locked", "unknown");
const lockedHere = connected("locked", "unknown", { dialog: "none" });
const wrong = (): never =>
  refuse("wrong-secret", "that passphrase doesn't open the vault; nothing was changed, check it and try again");

export const setupStates: Record<string, State> = {
  "welcome-connecting": { page: "welcome", connection: { kind: "connecting" } },
  "welcome-missing": {
    page: "welcome",
    connection: { kind: "host-missing", message: "Specified native messaging host not found." },
  },
  "welcome-too-old": {
    page: "welcome",
    connection: {
      kind: "too-old",
      update: "host",
      message: "this extension speaks protocol 2, Keyferry 0.1.0 speaks 1",
    },
  },
  "welcome-unknown": {
    page: "welcome",
    connection: { kind: "unknown-caller", message: "extension abc is not one of Keyferry's" },
  },
  "welcome-failed": { page: "welcome", connection: { kind: "failed", message: "the native host exited" } },
  "welcome-sites": { page: "welcome", connection: none, sites: false },
  "welcome-sites-refused": {
    page: "welcome",
    connection: none,
    sites: false,
    steps: [{ press: "Allow Keyferry on websites" }],
  },
  "welcome-vault": { page: "welcome", connection: none },
  "welcome-vault-dialog": {
    page: "welcome",
    connection: none,
    answers: {
      "vault.create": (_, tell) => {
        tell("pair.code", { code: "4821 7730", terminal: false });
        return never();
      },
    },
    steps: [{ press: "Choose a passphrase" }],
  },
  "welcome-vault-denied": {
    page: "welcome",
    connection: none,
    answers: {
      "vault.create": () => refuse("denied", "the dialog was closed; no vault was made, try again when you are ready"),
    },
    steps: [{ press: "Choose a passphrase" }],
  },
  "welcome-vault-here": { page: "welcome", connection: noDialog, answers: strength },
  "welcome-vault-weak": {
    page: "welcome",
    connection: noDialog,
    answers: strength,
    steps: [{ fill: ["New passphrase", "summer24"] }, { wait: 400 }, { press: "Make the vault" }],
  },
  "welcome-vault-strong": {
    page: "welcome",
    connection: noDialog,
    answers: strength,
    steps: [
      { fill: ["New passphrase", "velvet harbour cactus orbit meadow"] },
      { press: "Show new passphrase" },
      { wait: 400 },
    ],
  },
  "welcome-phrase": {
    page: "welcome",
    connection: none,
    answers: { "vault.create": () => ({ recoveryPhrase: PHRASE }) },
    steps: [{ press: "Choose a passphrase" }],
  },
  "welcome-phrase-check": {
    page: "welcome",
    connection: none,
    answers: { "vault.create": () => ({ recoveryPhrase: PHRASE }) },
    steps: [{ press: "Choose a passphrase" }, { press: "I have them" }, { press: "Check" }],
  },
  "welcome-unlock": { page: "welcome", connection: locked },
  "welcome-unlock-here-wrong": {
    page: "welcome",
    connection: lockedHere,
    answers: { unlock: wrong },
    steps: [{ fill: ["Passphrase", "no"] }, { press: "Unlock" }],
  },
  "welcome-unlock-recovered": {
    page: "welcome",
    connection: locked,
    answers: { unlock: () => status("unlocked") },
    steps: [
      { press: "Forgot passphrase?" },
      { fill: ["Recovery phrase", PHRASE.join(" ")] },
      { press: "Open with this phrase" },
    ],
  },
  "welcome-unlock-forgot": { page: "welcome", connection: locked, steps: [{ press: "Forgot passphrase?" }] },
  "welcome-pair": { page: "welcome", connection: connected("unlocked", "no") },
  "welcome-pair-locked": { page: "welcome", connection: connected("locked", "no") },
  "welcome-pair-forgot": {
    page: "welcome",
    connection: connected("locked", "no"),
    steps: [{ press: "Forgot passphrase?" }],
  },
  "welcome-pair-code": {
    page: "welcome",
    connection: connected("unlocked", "no"),
    answers: {
      pair: (_, tell) => {
        tell("pair.code", { code: "4821 7730", terminal: false });
        return never();
      },
    },
    steps: [{ press: "Connect this browser" }],
  },
  "welcome-pair-terminal": {
    page: "welcome",
    connection: connected("unlocked", "no"),
    answers: {
      pair: (_, tell) => {
        tell("pair.code", { code: "4821 7730", terminal: true });
        return never();
      },
    },
    steps: [{ press: "Connect this browser" }],
  },
  "welcome-pair-denied": {
    page: "welcome",
    connection: connected("unlocked", "no"),
    answers: { pair: () => refuse("denied", "the dialog was closed; this browser was not let in") },
    steps: [{ press: "Connect this browser" }],
  },
  "welcome-profiles": { page: "welcome", connection: connected("none", "no", { profile: "work" }), answers: twoVaults },
  "welcome-pair-other": {
    page: "welcome",
    connection: connected("unlocked", "no", { profile: "work" }),
    answers: {
      ...twoVaults,
      pair: (_, tell) => {
        tell("pair.code", { code: "4821 7730", terminal: true });
        return never();
      },
    },
    steps: [{ press: "Connect this browser" }],
  },
  "welcome-no-profile": {
    page: "welcome",
    connection: { kind: "no-profile", message: 'there is no profile "work" on this computer' },
  },
  "welcome-done": { page: "welcome", connection: connected("unlocked") },
  "welcome-done-firefox": { page: "welcome", connection: connected("unlocked"), sites: true },
  "welcome-damaged": { page: "welcome", connection: connected("damaged", "unknown") },
  "welcome-test": { page: "welcome", connection: connected("none", "no", { test: true }) },

  "popup-site": { page: "popup", answers: { ...site() } },
  "popup-off": { page: "popup", answers: { ...site({ off: true, accounts: [] }) } },
  "popup-empty": { page: "popup", answers: { ...site({ accounts: [] }) } },
  "popup-unknown": { page: "popup", tabOrigin: null },
  "popup-locked": { page: "popup", connection: locked },
  "popup-locked-here": { page: "popup", connection: lockedHere },
  "popup-locked-pin": { page: "popup", connection: connected("locked", "unknown", { dialog: "none", pin: true }) },
  "popup-locked-dialog": {
    page: "popup",
    connection: locked,
    answers: { unlock: never },
    steps: [{ press: "Unlock" }],
  },
  "popup-none": { page: "popup", connection: none },
  "popup-unpaired": { page: "popup", connection: connected("unlocked", "no") },
  "popup-unpaired-locked": { page: "popup", connection: connected("locked", "no") },
  "popup-missing": { page: "popup", connection: { kind: "host-missing", message: "" } },
  "popup-damaged": { page: "popup", connection: connected("damaged", "unknown") },
  "popup-profile": {
    page: "popup",
    connection: connected("unlocked", "yes", { profile: "work" }),
    answers: { ...site() },
  },
  "popup-no-profile": {
    page: "popup",
    connection: { kind: "no-profile", message: 'there is no profile "work" on this computer' },
  },
  "popup-failed": { page: "popup", connection: { kind: "failed", message: "the native host exited" } },
  "popup-test": { page: "popup", connection: connected("unlocked", "yes", { test: true }), answers: { ...site() } },

  "unlock-locked": { page: "unlock", connection: locked },
  "unlock-locked-here": { page: "unlock", connection: lockedHere },
  "unlock-no-dialog": {
    page: "unlock",
    connection: locked,
    answers: { unlock: () => refuse("no-dialog", "no dialog") },
    steps: [{ press: "Unlock" }],
  },
  "unlock-done": { page: "unlock" },
};
