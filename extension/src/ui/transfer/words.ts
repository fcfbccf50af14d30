/** The words of a move: kinds of things, states, choices, sizes, time left, and fingerprints in groups. */
import { decodeBase64url } from "../../shared/base64url";
import type { Transfer, TransferEntry } from "../../shared/protocol.gen";
import { count } from "../common/words";

/** What is stored, by its type in the exchange format: one, and many. */
const TYPES: Readonly<Record<string, readonly [string, string]>> = {
  passkey: ["passkey", "passkeys"],
  "basic-auth": ["password", "passwords"],
  totp: ["one-time code", "one-time codes"],
  note: ["note", "notes"],
  "credit-card": ["payment card", "payment cards"],
  address: ["address", "addresses"],
  "person-name": ["name", "names"],
  "identity-document": ["identity document", "identity documents"],
  passport: ["passport", "passports"],
  "drivers-license": ["driving licence", "driving licences"],
  "ssh-key": ["SSH key", "SSH keys"],
  "api-key": ["API key", "API keys"],
  wifi: ["Wi-Fi network", "Wi-Fi networks"],
  file: ["attached file", "attached files"],
  "custom-fields": ["set of custom fields", "sets of custom fields"],
  "generated-password": ["generated password", "generated passwords"],
  "item-reference": ["link between items", "links between items"],
};

/** "2 passkeys", "1 password"; what Keyferry has no word for keeps its own. */
export function typeCount(type: string, n: number): string {
  const words = TYPES[type];
  return words ? count(n, words[0], words[1]) : `${count(n, "thing")} of type “${type}”`;
}

/** "passwords": a kind of things. */
export function typeName(type: string): string {
  return TYPES[type]?.[1] ?? `things of type “${type}”`;
}

/** "password, note": the kinds in one item. */
export function typeNames(types: readonly string[] = []): string {
  return [...new Set(types.map(type => TYPES[type]?.[0] ?? type))].join(", ");
}

/** Counts by type, passkeys first, then the most. */
export function typeCounts(counts: Readonly<Record<string, number>> = {}): string[] {
  const rank = (type: string): number => (type === "passkey" ? 0 : 1);
  return Object.entries(counts)
    .filter(([, n]) => n > 0)
    .sort(([a, m], [b, n]) => rank(a) - rank(b) || n - m || (a < b ? -1 : 1))
    .map(([type, n]) => typeCount(type, n));
}

/** How much of something can leave. */
export type Fate = Extract<TransferEntry["status"], "goes" | "part" | "stays">;

/** How something that comes in stands to what is here. */
export type Verdict = Exclude<TransferEntry["status"], Fate>;

export const FATE_NAMES: Readonly<Record<Fate, string>> = {
  goes: "Goes as it is",
  part: "Not all of it",
  stays: "Can't go",
};

/** The word for where an entry stands, whichever way it is about to move. */
export function statusName(status: TransferEntry["status"]): string {
  return { ...VERDICT_NAMES, ...FATE_NAMES }[status];
}

/** The verdicts in the order in which they want to be looked at. */
export const VERDICTS: readonly Verdict[] = ["conflict", "differs", "unreadable", "new", "duplicate"];

export const VERDICT_NAMES: Readonly<Record<Verdict, string>> = {
  new: "New",
  duplicate: "Already here",
  differs: "Different here",
  conflict: "In conflict",
  unreadable: "Can't be read",
};

export const VERDICT_MEANINGS: Readonly<Record<Verdict, string>> = {
  new: "Not in your vault yet.",
  duplicate: "The same as what your vault holds.",
  differs: "Your vault holds it too, with something else in it.",
  conflict: "The same passkey by name, but with another key. Only one of the two works at the site.",
  unreadable: "It stays in the file and is not brought in.",
};

/** What a choice does, for an entry of that verdict. */
export function choiceName(choice: string, verdict: TransferEntry["status"]): string {
  if (verdict === "goes" || verdict === "part" || verdict === "stays") return choice === "take" ? "Moves out" : "Stays";
  switch (choice) {
    case "keep":
      return verdict === "new" || verdict === "unreadable" ? "Leave out" : "Keep mine";
    case "take":
      return verdict === "new" ? "Bring in" : "Take theirs";
    case "both":
      return "Keep both";
    case "merge":
      return "Fill my empty fields";
    default:
      return choice;
  }
}

/** "3.4 MB", in the units that file managers show. */
export function size(bytes: number): string {
  if (bytes < 1000) return count(bytes, "byte");
  const units = ["kB", "MB", "GB", "TB"];
  let n = bytes / 1000;
  let unit = 0;
  while (n >= 999.5 && unit < units.length - 1) {
    n /= 1000;
    unit++;
  }
  return `${n < 9.95 ? n.toFixed(1) : Math.round(n)} ${units[unit]}`;
}

/** How long it will still take, in words; nothing while that is short or can't be known. */
export function timeLeft(passedMs: number, done: number, total: number): string {
  if (passedMs < 3000 || done <= 0 || total <= done) return "";
  const left = ((total - done) * passedMs) / done / 1000;
  if (left < 10) return "";
  return left < 90 ? `about ${Math.ceil(left / 10) * 10} seconds left` : `about ${Math.ceil(left / 60)} minutes left`;
}

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** The six groups of a message's fingerprint from its SHA-256 (cxp/PROFILE.md §3): the first 120 bits. */
export function fingerprintOf(digest: string): string {
  const bytes = decodeBase64url(digest).subarray(0, 15);
  let bits = "";
  for (const byte of bytes) bits += byte.toString(2).padStart(8, "0");
  const characters = (bits.match(/.{5}/g) ?? []).map(five => CROCKFORD[Number.parseInt(five, 2)]).join("");
  return (characters.match(/.{4}/g) ?? []).join("-");
}

/** Who the other side says it is. It proves nothing. */
export function claimOf(transfer: Transfer): string {
  const { claim } = transfer;
  if (!claim) return "an app without a name";
  return claim.displayName ? `${claim.displayName} (${claim.name})` : claim.name || "an app without a name";
}

/** Why some of what stays does so: the other app said for which sites it takes no logins. "" where that is no reason. */
export function excludedText(transfer: Transfer): string {
  const { excluded = 0, leftOut = 0, provider } = transfer;
  if (excluded === 0) return "";
  const sites = excluded === 1 ? "its site" : "their sites";
  if (excluded >= leftOut) return `${provider?.name || "The other app"} does not take logins for ${sites}.`;
  const stay = excluded === 1 ? "stays" : "stay";
  return `${excluded} of them ${stay} because ${provider?.name || "the other app"} does not take logins for ${sites}.`;
}

/** Formats whose own names are words of the trade. Those stand among the technical details. */
const FORMAT_NAMES: Readonly<Record<string, string>> = {
  "KeePass database (KDBX)": "a KeePass database",
  "Credential Exchange Format (CXF)": "a file in the standard format",
};

/** What a transfer is, for a list of them. */
export function transferName(transfer: Transfer): string {
  const format = FORMAT_NAMES[transfer.format ?? ""] ?? transfer.format ?? "another manager";
  if (transfer.kind === "direct") {
    const app = transfer.provider?.name || "another app";
    return transfer.out ? `Move out to ${app}` : `Move in from ${app}`;
  }
  if (transfer.kind === "file") return transfer.out ? `Move out to ${format}` : `Move in from ${format}`;
  if (transfer.out && transfer.kind === "plain") return "Move out by a file without encryption";
  if (transfer.out) return transfer.kind === "backup" ? "Encrypted backup" : "Move out to another computer";
  if (transfer.kind === "backup") return "Restoring a backup";
  return transfer.kind === "sealed" ? "Move in from another computer" : "Move in from a file";
}
