/** The approve window's states. */
import type { Account, CeremonyView } from "../../shared/protocol.gen";
import { never, refuse, type State } from "./world";

const NOW = Date.now();
const DAY = 86_400_000;

const anna: Account = {
  id: "a1",
  userName: "anna@example.org",
  displayName: "Anna Meyer",
  createdAt: NOW - 90 * DAY,
  usedAt: NOW - 2 * DAY,
};
const work: Account = { id: "a2", userName: "anna.meyer@work.example", createdAt: NOW - 30 * DAY };
const pending: Account = {
  id: "a3",
  userName: "anna+new@example.org",
  displayName: "Anna",
  createdAt: NOW - 3_600_000,
  pending: true,
};
const nameless: Account = { id: "a4", userName: "" };

function get(more: Partial<CeremonyView> = {}): CeremonyView {
  return {
    ceremony: "c1",
    kind: "get",
    state: "ready",
    rpId: "example.com",
    site: "example.com",
    origin: "https://accounts.example.com",
    accounts: [anna],
    verify: "none",
    hash: "aGFzaA",
    expiresAt: NOW + 300_000,
    ...more,
  };
}

function create(more: Partial<CeremonyView> = {}): CeremonyView {
  return get({
    kind: "create",
    rpName: "Example Corporation",
    accounts: [{ id: "", userName: "anna@example.org", displayName: "Anna Meyer" }],
    ...more,
  });
}

function showing(view: CeremonyView, more: Partial<State> = {}): State {
  return {
    page: "approve",
    ...more,
    answers: { "ceremony.describe": () => view, "ceremony.refuse": () => ({}), ...more.answers },
  };
}

const LONG =
  "a-very-long-name-that-a-phisher-would-like-to-see-cut-off.login.accounts.google.com.evil-registrations.example";
const wrong = (): never =>
  refuse("wrong-secret", "that passphrase doesn't open the vault; nothing was signed, check it and try again");

export const approveStates: Record<string, State> = {
  "approve-get": showing(get()),
  "approve-get-arming": showing(get(), { early: true }),
  "approve-get-several": showing(get({ accounts: [pending, anna, work, nameless] })),
  "approve-get-many": showing(
    get({
      accounts: Array.from({ length: 14 }, (_, i) => ({ ...work, id: `m${i}`, userName: `user-${i}@example.org` })),
    }),
  ),
  "approve-get-frame": showing(
    get({ topSite: "news.example", site: "pay.example", origin: "https://checkout.pay.example" }),
  ),
  "approve-get-long": showing(
    get({
      site: LONG,
      origin: `https://${LONG}:8443`,
      accounts: [
        {
          ...anna,
          userName: "x".repeat(64),
          displayName: "An unusually long display name of an account that somebody chose on purpose",
        },
      ],
    }),
  ),
  "approve-get-dialog": showing(get({ verify: "dialog" })),
  "approve-get-dialog-open": showing(get({ verify: "dialog" }), {
    answers: { "ceremony.approve": never },
    steps: [{ key: "Enter" }],
  }),
  "approve-get-here": showing(get({ verify: "here" })),
  "approve-get-here-empty": showing(get({ verify: "here" }), { steps: [{ key: "Enter" }] }),
  "approve-get-here-wrong": showing(get({ verify: "here" }), {
    answers: { "ceremony.approve": wrong },
    steps: [{ fill: ["Passphrase", "not it"] }, { key: "Enter" }],
  }),
  "approve-get-pin": showing(get({ verify: "here", pin: true })),
  "approve-get-no-dialog": showing(get({ verify: "dialog" }), {
    answers: { "ceremony.approve": () => refuse("no-dialog", "no dialog") },
    steps: [{ key: "Enter" }],
  }),
  "approve-get-working": showing(get(), { answers: { "ceremony.approve": never }, steps: [{ press: "Sign in" }] }),
  "approve-get-stale": showing(get(), {
    answers: { "ceremony.approve": () => refuse("stale", "changed") },
    steps: [{ key: "Enter" }],
  }),
  "approve-get-denied": showing(get({ verify: "dialog" }), {
    answers: { "ceremony.approve": () => refuse("denied", "the dialog was closed; nothing was signed") },
    steps: [{ key: "Enter" }],
  }),
  "approve-get-pip": showing(get(), { pictureInPicture: true }),
  "approve-get-test": showing(get({ test: true })),
  "approve-locked": showing(get({ state: "locked", accounts: [], verify: "dialog" })),
  "approve-locked-here": showing(get({ state: "locked", accounts: [], verify: "here" })),
  "approve-locked-dialog-open": showing(get({ state: "locked", accounts: [], verify: "dialog" }), {
    answers: { "ceremony.unlock": never },
    steps: [{ key: "Enter" }],
  }),
  "approve-locked-forgot": showing(get({ state: "locked", accounts: [], verify: "dialog" }), {
    steps: [{ press: "Forgot passphrase?" }],
  }),
  "approve-locked-forgot-wrong": showing(get({ state: "locked", accounts: [], verify: "dialog" }), {
    answers: {
      "ceremony.unlock": () => refuse("wrong-secret", "word 3, “aple”, is not in the list; did you mean “apple”?"),
    },
    steps: [
      { press: "Forgot passphrase?" },
      { wait: 700 },
      { fill: ["Recovery phrase", "zebra oak aple"] },
      { press: "Open with this phrase" },
    ],
  }),
  "approve-unlocked-then-ready": showing(get({ state: "locked", accounts: [], verify: "here" }), {
    answers: { "ceremony.unlock": () => get() },
    steps: [{ fill: ["Passphrase", "right"] }, { key: "Enter" }],
  }),
  "approve-create": showing(create()),
  "approve-create-locked": showing(create({ state: "locked", accounts: [], verify: "dialog" })),
  "approve-create-excluded": showing(create({ excluded: true })),
  "approve-create-claim": showing(
    create({
      rpName: "Your Bank™ — verified ✓ click “Sign in” to continue",
      site: "not-your-bank.example",
      origin: "https://not-your-bank.example",
    }),
  ),
  "approve-create-full": showing(create(), {
    answers: {
      "ceremony.approve": () => refuse("disk-full", "the disk is full; nothing was stored, make space and try again"),
    },
    steps: [{ key: "Enter" }],
  }),
  "approve-over": { page: "approve", answers: { "ceremony.describe": () => refuse("not-found", "gone") } },
  "approve-broken": {
    page: "approve",
    answers: { "ceremony.describe": () => refuse("agent-gone", "the agent ended while it was asked") },
  },
  "approve-loading": { page: "approve", answers: { "ceremony.describe": never } },
};
