import type { ErrorName } from "../../shared/protocol.gen";

/** An error as a page shows it: a heading in plain words, and the host's own sentence about what was kept and what to do. */
export interface Fault {
  readonly name: ErrorName | "unknown";
  readonly title: string;
  readonly text: string;
}

/** Headings by the error's stable name. The text below it comes from the host, which knows what was kept. */
const TITLES: Partial<Record<ErrorName, string>> = {
  internal: "Something went wrong inside Keyferry",
  version: "Extension and Keyferry don't fit together",
  "not-paired": "This browser isn't connected yet",
  locked: "Keyferry is locked",
  "no-vault": "There is no vault yet",
  "no-profile": "The vault of this browser isn't there",
  denied: "Not confirmed",
  verification: "That couldn't be confirmed",
  "no-dialog": "No dialog could be shown",
  canceled: "Cancelled",
  timeout: "Nobody answered in time",
  "agent-gone": "Keyferry was restarted",
  "unknown-caller": "Keyferry doesn't know this extension",
  "rate-limited": "Too many tries",
  "not-found": "That isn't there any more",
  conflict: "That is there already",
  "vault-damaged": "The vault is damaged",
  "vault-in-use": "Another program is using the vault",
  "disk-full": "The disk is full",
  stale: "What was asked for has changed",
  "wrong-secret": "That wasn't right",
  "weak-passphrase": "Too easy to guess",
  "vault-exists": "There is a vault already",
  "host-missing": "Keyferry isn't set up on this computer",
  "read-only": "The vault can only be read at the moment",
  "unsupported-system": "This computer can't do that",
  fingerprint: "The code doesn't match",
  "request-gone": "This request is no longer open",
  "bad-file": "This file can't be used",
  "too-large": "That is too large",
  unconfirmed: "This app is new here, or has changed",
  "provider-gone": "This app is not there any more as it was listed",
  "peer-refused": "The other app said no",
  "peer-gone": "The other app ended the exchange",
  "peer-silent": "The other app didn't answer",
  "peer-protocol": "The other app doesn't keep to the rules",
  "peer-identity": "The other app isn't who it says it is",
};

/** What to say where the host's message is missing (an error that the extension made itself). */
const TEXTS: Partial<Record<ErrorName, string>> = {
  canceled: "Nothing was changed.",
  denied: "Nothing was changed.",
  timeout: "Nothing was changed. Try again when you are ready.",
  "agent-gone": "Nothing was changed. Please try again.",
  "host-missing": "Nothing was changed. Open the setup page to see what is missing.",
  "wrong-secret": "Nothing was changed. Check it and try again.",
};

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** Makes a Fault of whatever was thrown. */
export function faultOf(thrown: unknown): Fault {
  if (member(thrown, "name") === "AbortError")
    return { name: "canceled", title: "Cancelled", text: "Nothing was changed." };
  const name = member(thrown, "code") !== undefined ? member(thrown, "name") : undefined;
  const message = member(thrown, "message");
  const known = typeof name === "string" && name in TITLES ? (name as ErrorName) : undefined;
  return {
    name: known ?? "unknown",
    title: (known && TITLES[known]) ?? "That didn't work",
    text:
      sentence(typeof message === "string" ? message : "") ||
      (known && TEXTS[known]) ||
      "Nothing is known to have changed. Please try again.",
  };
}

/** The host's messages are written as fragments ("wrong passphrase; nothing was changed"): makes them a sentence. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  if (!trimmed) return "";
  const first = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?…:]$/.test(first) ? first : `${first}.`;
}
