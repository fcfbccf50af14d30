// Generated from host/protocol by "go generate ./host/protocol". Do not edit.

/** Binary data: unpadded base64url. */
export type Bytes = string;

/** A point in time: milliseconds since 1970-01-01 UTC. */
export type Millis = number;

export const PROTOCOL_VERSION = 1;
export const MAX_FRAME = 1048576;
export const CHUNK_SIZE = 262144;
export const MAX_MESSAGE = 67108864;

/** Error codes: append-only numbers, by their stable names. */
export const ErrorCode = {
  "internal": 1,
  "bad-request": 2,
  "unknown-type": 3,
  "too-large": 4,
  "version": 5,
  "not-paired": 6,
  "locked": 7,
  "no-vault": 8,
  "denied": 9,
  "verification": 10,
  "no-dialog": 11,
  "not-allowed": 12,
  "canceled": 13,
  "timeout": 14,
  "agent-gone": 15,
  "unknown-caller": 16,
  "rate-limited": 17,
  "not-found": 18,
  "conflict": 19,
  "vault-damaged": 20,
  "vault-in-use": 21,
  "disk-full": 22,
  "stale": 23,
  "wrong-secret": 24,
  "weak-passphrase": 25,
  "vault-exists": 26,
  "host-missing": 27,
  "read-only": 28,
  "unsupported-system": 29,
  "fingerprint": 30,
  "request-gone": 31,
  "bad-file": 32,
  "no-profile": 33,
  "unconfirmed": 34,
  "provider-gone": 35,
  "peer-refused": 36,
  "peer-gone": 37,
  "peer-silent": 38,
  "peer-protocol": 39,
  "peer-identity": 40,
} as const;

export type ErrorName = keyof typeof ErrorCode;

/** An error code; one that is not in ErrorCode comes from a newer host. */
export type Code = number;

/** SenderKind says who asks. It is the column of the table in table.go. */
export type SenderKind = "content" | "page" | "background" | "cli";

/** Need is what a message takes besides the right sender. */
export type Need = "nothing" | "paired" | "unlocked" | "consent" | "fresh";

/**
 * CeremonyShow is event "ceremony.show": a ceremony needs the person. The background opens the approve window for it
 * unless one is open already. The event is repeated when a session re-attaches.
 */
export interface CeremonyShow {
  ceremony: string;
  /** the CreateRequest.Request or GetRequest.Request it belongs to */
  request: string;
  tabId: number;
}

/** CeremonyEnd is event "ceremony.end": it is over, however; its window closes. */
export interface CeremonyEnd {
  ceremony: string;
}

/**
 * CeremonyRef names a ceremony (type "ceremony.describe" asks what to show; type "ceremony.unlock" opens the vault for
 * it in the agent's dialog).
 */
export interface CeremonyRef {
  ceremony: string;
}

/**
 * CeremonyUnlock (type "ceremony.unlock") opens the vault within a ceremony; that counts as verification of the person
 * in it. Secret only where no dialog can be shown.
 */
export interface CeremonyUnlock {
  ceremony: string;
  secret?: Secret;
}

/**
 * CeremonyView answers "ceremony.describe" and "ceremony.unlock": all that the approve window shows. Texts that a site
 * chose are cleaned (control and bidi characters removed, length capped) but not escaped for any markup.
 */
export interface CeremonyView {
  ceremony: string;
  /** "create" or "get" */
  kind: "create" | "get";
  /** "locked", "ready", "working" or "over" */
  state: "locked" | "ready" | "working" | "over";
  rpId: string;
  /** create only; a claim of the site's */
  rpName?: string;
  /** Site is the registrable domain of Origin, in Unicode where that is safe: the prominent line. */
  site: string;
  origin: string;
  /** TopSite is set for a cross-origin frame: the site in the address bar. */
  topSite?: string;
  /** get: those that match, best first; create: what will be made, one */
  accounts: Account[];
  /** Excluded: this site says that this vault holds a passkey for the account already; a yes tells it so. */
  excluded?: boolean;
  /** Verify says what a yes will still ask for: "none", "dialog" (the agent asks) or "here" (the window asks, for lack of a dialog). */
  verify: "none" | "dialog" | "here";
  /** verification takes the PIN */
  pin?: boolean;
  /** Hash is what a yes must repeat: SHA-256 over what is shown and what would be signed. */
  hash: Bytes;
  expiresAt: Millis;
  test?: boolean;
  /** whose vault is asked, where that is not the default one */
  profile?: string;
}

/** Account is one passkey as a person sees it. */
export interface Account {
  /** the passkey's record in the vault */
  id: string;
  userName: string;
  displayName?: string;
  createdAt?: Millis;
  usedAt?: Millis;
  /** its site never confirmed that it got it */
  pending?: boolean;
}

/** CeremonyApprove (type "ceremony.approve") is the person's yes to exactly what was shown. */
export interface CeremonyApprove {
  ceremony: string;
  hash: Bytes;
  /** get: which of the accounts */
  account?: string;
  /** only where Verify is "here" */
  secret?: Secret;
}

/** CeremonyRefuse (type "ceremony.refuse") is a no, or the wish for another device. */
export interface CeremonyRefuse {
  ceremony: string;
  otherDevice?: boolean;
}

/** Error is a refusal. Message is for people: what happened, what was kept, what to do; it never holds a secret. */
export interface Error {
  code: Code;
  name: string;
  message: string;
}

/**
 * Frame is one message on the wire. Exactly one of Type, Re, Event, Cancel and Chunk is set.
 *
 *   - Request: ID and Type, Body as the type says, Sender where the extension relays for somebody.
 *   - Answer: the request's ID, Re repeating its Type, and either Body or Error.
 *   - Event: Event and Body; from the agent only, unasked.
 *   - Cancel: the ID of a request that its sender no longer wants. It is still answered (with CodeCanceled, unless
 *     the answer was already on its way).
 *   - Chunk: a piece of a longer frame; ID repeats that frame's, so that a relay knows whose it is.
 */
export interface Frame {
  id?: string;
  type?: string;
  re?: string;
  event?: string;
  cancel?: boolean;
  sender?: Sender;
  body?: unknown;
  error?: Error;
  chunk?: Chunk;
}

/**
 * Chunk is a piece of a frame that is longer than ChunkSize. Pieces come in order; those of different frames may be
 * interleaved. The receiver refuses a gap, a repeated piece, and a sum over MaxMessage.
 */
export interface Chunk {
  /** one random name for all the pieces of a frame */
  of: string;
  /** counts from 0 */
  seq: number;
  /** the frame is complete with this piece */
  last: boolean;
  data: Bytes;
}

/** Sender is what the browser said about whom the extension relays for. */
export interface Sender {
  kind: SenderKind;
  /** Page is the extension page's folder ("approve", "popup", "welcome", "vault", "settings", "unlock", "transfer"); for SenderPage only. */
  page?: string;
  /** Origin is the document's serialised origin ("https://example.com", never with a path); for SenderContent only. An opaque origin is "null". */
  origin?: string;
  /**
   * Ancestors are the origins of the embedding documents, nearest first, empty for a top document. One that could
   * not be established is "" and counts as another origin.
   */
  ancestors?: string[];
  tabId?: number;
  frameId?: number;
  /** DocumentID names the document where the browser does (Chromium); a navigation changes it. */
  documentId?: string;
  /** Private is true in a private or incognito window: nothing about it goes into the audit log. */
  private?: boolean;
}

/**
 * OpenPut (type "open.put") hands over a piece of a file, at most TransferPiece; the first has no ID and begins. The
 * answer to the last piece says whether a browser was told.
 */
export interface OpenPut {
  id?: string;
  /** with the first piece: what the person calls it; shown, never used as a path */
  name?: string;
  offset: number;
  data: Bytes;
  last?: boolean;
}

/** OpenGet (type "open.get") asks what became of a file. */
export interface OpenGet {
  id: string;
  /** wait for another state than this one … */
  not?: string;
  /** … for so long, at most 20,000 */
  waitMs?: number;
}

/**
 * OpenTake (type "open.take") makes a transfer of a file that was opened: a move out that answers the request in it, or
 * a move in. It can be asked for once.
 */
export interface OpenTake {
  id: string;
}

/** OpenFile says how a file stands. */
export interface OpenFile {
  id: string;
  state: string;
  /** Kind is what the file was found to be: "request", or the kind of the move in. Empty while it is received. */
  kind?: string;
}

/** OpenShow is event "open.show": open the transfer page for this file. */
export interface OpenShow {
  id: string;
}

/**
 * BridgeProfile (type "bridge.profile", from the background) says whose agent the bridge is to reach. It is the first
 * frame of a browser, or it is refused: without it the bridge serves the default profile. The name is a profile's and
 * never a path; one that does not exist is refused with event "bridge.error" and CodeNoProfile, and the bridge ends.
 * It goes no further than the bridge, so that no agent answers it.
 */
export interface BridgeProfile {
  profile: string;
}

/** Profile is a vault of this user's, with an agent of its own. */
export interface Profile {
  name: string;
  /** the one that answers */
  current?: boolean;
}

/**
 * ProfileList answers "profiles.list": the profiles that have a vault, the default one first, and the one that answers
 * in any case.
 */
export interface ProfileList {
  profiles: Profile[];
}

/**
 * ClientHello is the first frame on the agent's socket, from bridge or command line (type "client.hello", never
 * relayed from a browser). The agent answers with AgentHello as an event and then takes requests.
 */
export interface ClientHello {
  protocol: number;
  /** of the binary */
  version: string;
  /**
   * Role is "bridge", "cli" or "exchange". The last is `keyferry exchange`, which another app started: after the greetings
   * the connection carries that app's frames as they are (cxp/LOCAL.md), and no messages of this protocol.
   */
  role: "bridge" | "cli" | "exchange";
  /** Caller is what the browser passed to the bridge: "chrome-extension://ID/" or the add-on ID; empty for the CLI. */
  caller?: string;
  /** Browser is the name of the program that started the bridge ("chromium", "firefox-esr"), for display only. */
  browser?: string;
  /** Starter is the process that started `keyferry exchange`, as the system told it. */
  starter?: number;
  /** Where tells where the person is, so that dialogs appear there. */
  where: Where;
}

/**
 * Where holds the settings a dialog needs to appear in front of the person who asked. The bridge and the command line
 * take them from their own environment; values are length-checked and handed to pinentry and zenity only.
 */
export interface Where {
  /** DISPLAY */
  display?: string;
  /** WAYLAND_DISPLAY */
  waylandDisplay?: string;
  /** XAUTHORITY */
  xauthority?: string;
  /** XDG_RUNTIME_DIR */
  runtimeDir?: string;
  /** DBUS_SESSION_BUS_ADDRESS */
  sessionBus?: string;
  /** the terminal of the command line */
  tty?: string;
  /** TERM */
  term?: string;
  /** LC_ALL, else LC_CTYPE, else LANG */
  lang?: string;
}

/**
 * AgentHello is the agent's greeting (event "agent.hello"), also passed on to the browser; it comes again after each
 * reconnection, and then a new session is signed over its nonce.
 */
export interface AgentHello {
  protocol: number;
  version: string;
  /** 32 random bytes, for this connection only */
  nonce: Bytes;
  status: Status;
  /** Test is true for a test build, which grants or denies by a setting instead of asking; every page says so loudly. */
  test?: boolean;
}

/**
 * SessionRequest (type "session") proves that the extension holds its pairing key. Signature is ECDSA P-256 SHA-256
 * (r‖s, 64 bytes, as WebCrypto makes it) over "keyferry session 1", a zero byte, the nonce, and the caller that the
 * bridge was started by, so that a signature is good for one connection and one extension only.
 */
export interface SessionRequest {
  protocolMin: number;
  protocolMax: number;
  /** of the extension */
  version: string;
  /** SubjectPublicKeyInfo, DER */
  publicKey: Bytes;
  signature: Bytes;
}

/**
 * SessionResult answers "session". While the vault is locked nobody can know whether the key is paired (the list is in
 * the vault): Paired is then "unknown", and decided at the first request that needs it.
 */
export interface SessionResult {
  protocol: number;
  /** "yes", "no" or "unknown" */
  paired: "yes" | "no" | "unknown";
  status: Status;
}

/**
 * PairRequest (type "pair") asks the person, in the agent's own dialog, to let this browser profile in. The agent
 * first sends event "pair.code" with the code that its dialog shows; the page shows the same one. It is answered when
 * the person has decided. Where no dialog can be shown the answer waits for `keyferry pair CODE` (see PairConfirm).
 */
export interface PairRequest {
  /** how the profile calls itself; shown cleaned, never trusted */
  label?: string;
  /**
   * Secret takes a recovery phrase only: who forgot the passphrase proves by it what the dialog would have asked for,
   * and is let in without one.
   */
  secret?: Secret;
}

/** PairCode is event "pair.code". It comes before every dialog by which a browser is let in ("pair", "vault.create"). */
export interface PairCode {
  /** eight digits in two groups, "4821 7730" */
  code: string;
  /** no dialog: the person must run `keyferry pair CODE` */
  terminal: boolean;
}

/** PairResult answers "pair". */
export interface PairResult {
  browser: Browser;
}

/** PairConfirm (type "pair.confirm", from the command line) confirms the pairing that waits with this code. */
export interface PairConfirm {
  code: string;
  secret?: Secret;
}

/** Browser is a paired browser profile. */
export interface Browser {
  /** first 16 bytes of SHA-256 of its public key, base64url */
  id: string;
  label: string;
  caller: string;
  pairedAt: Millis;
  seenAt?: Millis;
  /** the one that asks */
  current?: boolean;
}

/** BrowserList answers "browsers.list". */
export interface BrowserList {
  browsers: Browser[];
}

/** BrowserRevoke (type "browsers.revoke") ends a pairing and its sessions. */
export interface BrowserRevoke {
  id: string;
}

/** Empty is the body of requests and answers that carry nothing. */
export type Empty = Record<string, never>;

/** Ping (type "ping") is answered with the same data over the very same road that a ceremony takes. */
export interface Ping {
  data?: string;
}

/** Status answers "status" and travels with "agent.hello" and event "status.changed". */
export interface Status {
  /** "none", "locked", "unlocked" or "damaged" */
  vault: "none" | "locked" | "unlocked" | "damaged";
  /** Dialog says what can ask the person for a secret: "pinentry", "system" or "none" (then our own page or the terminal asks). */
  dialog: "pinentry" | "system" | "none";
  /** Pin is true when a PIN is set for the running agent. */
  pin?: boolean;
  version: string;
  profile: string;
  /** until the vault locks by itself; unlocked only */
  lockInMs?: number;
  /** Passkeys is how many there are; only unlocked, only for our own pages and the command line. */
  passkeys?: number;
  test?: boolean;
}

/** ListRequest (type "list") pages through what is stored, newest first or by relevance. */
export interface ListRequest {
  /** free text: title, site, user name */
  query?: string;
  /** the last answer's Next */
  after?: string;
  /** 1 to 500; 0 is 100 */
  limit?: number;
  /** what is in the trash instead */
  trash?: boolean;
  /** for fresh verification where there is no dialog */
  secret?: Secret;
}

/** ListResult answers "list". */
export interface ListResult {
  entries: Entry[];
  next?: string;
  total: number;
}

/** Entry is a stored passkey or item without its secrets. */
export interface Entry {
  id: string;
  /** "passkey" or "item" */
  kind: "passkey" | "item";
  title: string;
  rpId?: string;
  userName?: string;
  displayName?: string;
  /** "ES256", … */
  algorithm?: string;
  createdAt?: Millis;
  modifiedAt?: Millis;
  usedAt?: Millis;
  trashedAt?: Millis;
  pending?: boolean;
}

/** Ref names a stored entry (types "show", "trash", "untrash"). */
export interface Ref {
  id: string;
  /** "show" from the command line: fresh verification where there is no dialog */
  secret?: Secret;
}

/** Rename (type "rename") changes what a person calls an entry. */
export interface Rename {
  id: string;
  title?: string;
  /** UserName and DisplayName are the passkey's own (CXF §3.3.12.1 lets a provider edit these two and no other). */
  userName?: string;
  displayName?: string;
}

/** EmptyTrash (type "trash.empty") shreds what is in the trash; it takes a fresh verification. */
export interface EmptyTrash {
  secret?: Secret;
}

/** Emptied answers "trash.empty". */
export interface Emptied {
  count: number;
}

/** Slot is one way to open the vault. */
export interface Slot {
  id: string;
  /** "passphrase", "recovery" or "keyring" */
  kind: "passphrase" | "recovery" | "keyring";
  label?: string;
  createdAt: Millis;
  /** Argon2id, passphrase slots */
  memoryKiB?: number;
  passes?: number;
}

/** SlotList answers "slots.list". */
export interface SlotList {
  slots: Slot[];
}

/** SlotAdd (type "slots.add") adds a passphrase, a recovery phrase or the login keyring. */
export interface SlotAdd {
  kind: string;
  label?: string;
  /** fresh verification where there is no dialog */
  secret?: Secret;
  /** the new passphrase where there is no dialog */
  new?: Secret;
}

/** SlotAdded answers "slots.add"; RecoveryPhrase for that kind, shown once. */
export interface SlotAdded {
  slot: Slot;
  recoveryPhrase?: string[];
}

/** SlotChange (type "slots.change") sets a new passphrase in a passphrase slot. */
export interface SlotChange {
  id: string;
  secret?: Secret;
  new?: Secret;
}

/** SlotRemove (type "slots.remove") removes a slot and rotates the keys. The last one stays. */
export interface SlotRemove {
  id: string;
  secret?: Secret;
}

/** Rekey (type "rekey") makes new root and record keys ("my passphrase was seen"). */
export interface Rekey {
  secret?: Secret;
}

/** PinSet (type "pin.set") sets the running agent's PIN, six digits or more; an empty one takes it away. */
export interface PinSet {
  remove?: boolean;
  secret?: Secret;
  new?: Secret;
}

/** AuditQuery (type "audit") searches the log inside the vault, newest first. */
export interface AuditQuery {
  query?: string;
  after?: string;
  limit?: number;
  /** from the command line, where there is no dialog */
  secret?: Secret;
}

/** AuditLog answers "audit". */
export interface AuditLog {
  lines: AuditLine[];
  next?: string;
}

/** AuditLine is one thing that happened. It never holds a secret. */
export interface AuditLine {
  at: Millis;
  /** "created", "used", "exported", "imported", "changed", … */
  action: string;
  /** title or site */
  what: string;
  /** with what authority: which browser, the command line, … */
  who: string;
  origin?: string;
}

/** Health answers "vault.health". */
export interface Health {
  /** "checking", "whole", "damaged" */
  state: string;
  checked: number;
  total: number;
  findings?: string[];
}

/** Settings (answers "settings.get", body of "settings.set") are the vault owner's choices. */
export interface Settings {
  /** without a consented action; 60,000 to 43,200,000 */
  lockAfterMs: number;
  /** how long a verification of the person counts; 0 to 600,000 */
  verifyForMs: number;
  /** screen lock locks the vault */
  lockOnScreen: boolean;
  /** so does suspend */
  lockOnSuspend: boolean;
  secret?: Secret;
}

/** TransferGet (type "transfer.get") asks how a transfer stands. */
export interface TransferGet {
  id: string;
  /** Not waits, up to WaitMs (at most 20,000), for the transfer to be in another state than this one. */
  not?: string;
  waitMs?: number;
}

/** TransferRef names a transfer (types "transfer.commit", "transfer.cancel"). */
export interface TransferRef {
  id: string;
}

/** TransferList answers "transfer.list": the caller's own transfers. */
export interface TransferList {
  transfers: Transfer[];
}

/** Transfer is how a transfer stands. */
export interface Transfer {
  id: string;
  kind: string;
  out: boolean;
  state: string;
  /** items, in the states that work; bytes while receiving */
  done?: number;
  total?: number;
  startedAt: Millis;
  /** Provider is the app of a direct exchange; its State decides whether a warning is due. */
  provider?: Provider;
  /**
   * Bytes have gone over to the other app or come from it (direct), where the total can't be known; else they are how much
   * of the file was written, or of Size was read.
   */
  bytes?: number;
  /** PeerDone of PeerTotal is how far the other app says it is, in state "exchanging" (direct); 0: it says nothing. */
  peerDone?: number;
  peerTotal?: number;
  /** ExpiresAt is when the keys of a direct request go: what is not stored by then is not stored. */
  expiresAt?: Millis;
  /** Claim is what the other side says of itself. It proves nothing. */
  claim?: TransferClaim;
  /** Ask are the groups (1 to 6) of a fingerprint that the person has to type from the other side's screen. */
  ask?: number[];
  /** NeedsPassphrase: "transfer.answer" opens the backup; the agent asks in its own dialog where it can. */
  needsPassphrase?: boolean;
  /** KeyFile: a file of this format may need a key file, with a password or instead of one (TransferAnswer.KeyFile). */
  keyFile?: boolean;
  /** Format is the name for people of another manager's file, as soon as it is known. */
  format?: string;
  /** FileName is what the person called the file that came in (TransferImport.Name). */
  fileName?: string;
  /** Plaintext: the file that came in was not encrypted. Offer to delete it once the import is done. */
  plaintext?: boolean;
  /** Classical: the answer is not protected against quantum computers although that was asked for. */
  classical?: boolean;
  /** for a details fold */
  suite?: string;
  /** of the file, in bytes */
  size?: number;
  /** Fingerprint of what was written, for the other side to ask for; sealed, state "ready" on. */
  fingerprint?: string;
  /** Counts: out: credentials by CXF type; in, from "review" on: entries by status. */
  counts?: Record<string, number>;
  /** Kept (out) is how many entries stay because the person chose so. */
  kept?: number;
  /**
   * Originals is "ask", "keep", "trash" or "wait": ask where "transfer.originals" can be sent (out, from "done" on), then
   * what was said.
   */
  originals?: "ask" | "keep" | "trash" | "wait";
  /** LeftOut (out) is how many credentials will not go; the entries and Remarks say which and why. */
  leftOut?: number;
  /** Excluded (direct, out) is how many of LeftOut stay because the other app takes no logins for their sites. */
  excluded?: number;
  remarks?: string[];
  error?: Error;
  outcome?: TransferOutcome;
  /** Result (direct, out, state "done") is what the other app says it did with what it got. */
  result?: TransferResult;
}

/** TransferClaim is a peer's own name, made safe to show. */
export interface TransferClaim {
  /** in the style of a domain */
  name: string;
  displayName?: string;
  /** it may be dressed up as another: say so beside it */
  suspicious?: boolean;
}

/** TransferProgress is event "transfer.progress", to the connections of whoever the transfer belongs to. */
export interface TransferProgress {
  id: string;
  state: string;
  done: number;
  /** 0: unknown */
  total?: number;
  /** Bytes, PeerDone and PeerTotal are as in Transfer. */
  bytes?: number;
  peerDone?: number;
  peerTotal?: number;
}

/**
 * TransferEntries (type "transfer.entries") pages through what arrives, from state "review" on, or through what may leave,
 * from state "asking" on.
 */
export interface TransferEntries {
  id: string;
  /** the last answer's Next */
  after?: number;
  /** 1 to 500; 0 is 100 */
  limit?: number;
  /** only these */
  status?: string;
  /** only with these words in title, site or user name */
  query?: string;
  /** out: only in this place (TransferPlace) */
  place?: number;
  /** only "passkey" or "item" */
  kind?: "passkey" | "item";
}

/** TransferEntryList answers "transfer.entries". Next is 0 at the end. */
export interface TransferEntryList {
  entries: TransferEntry[];
  next?: number;
  /** that match */
  total: number;
  /** out: that match and leave */
  chosen?: number;
  /** Places (out, on the first page) are the accounts and collections to choose by; at most 1,000. */
  places?: TransferPlace[];
}

/** TransferPlace is an account of what may leave, or a collection in one. */
export interface TransferPlace {
  n: number;
  /** empty: what Keyferry made itself */
  account?: string;
  /** "Work / Servers"; empty: all of the account */
  collection?: string;
  /** entries in it */
  count: number;
}

/** TransferEntry is one passkey, or all of an item that is no passkey, or something unreadable. It holds no secret. */
export interface TransferEntry {
  /** names it in "transfer.choose" */
  n: number;
  /** "passkey" or "item" */
  kind: "passkey" | "item";
  /** "new", "duplicate", "differs", "conflict", "unreadable", "goes", "part" or "stays" (the last three: out) */
  status: "new" | "duplicate" | "differs" | "conflict" | "unreadable" | "goes" | "part" | "stays";
  title: string;
  rpId?: string;
  userName?: string;
  /** the kinds of credentials in an item */
  types?: string[];
  /** when mine was last changed */
  mineAt?: Millis;
  theirAt?: Millis;
  /** in which the two differ, in plain words */
  fields?: string[];
  /** of a conflict, why it is unreadable, or what of it can't leave */
  reason?: string;
  /** out: all or part of it stays because the other app takes no logins for its site */
  excluded?: boolean;
  /** what will be done: "keep" (mine), "take" (theirs; out: it leaves), "both", "merge" */
  choice: string;
  /** what can be done */
  choices: string[];
}

/** TransferChoose (type "transfer.choose") sets what is to be done, for some entries or for all of a status. */
export interface TransferChoose {
  id: string;
  entries?: number[];
  /** instead of Entries: all of this status that allow the choice */
  status?: string;
  /** All: instead of Entries, all that allow the choice and match Status, Query, Place and Kind, as in TransferEntries. */
  all?: boolean;
  query?: string;
  place?: number;
  /** "passkey" or "item" */
  kind?: "passkey" | "item";
  choice: string;
}

/** TransferImport (type "transfer.import") begins a move in. */
export interface TransferImport {
  kind: string;
  /** file: what the person calls it; shown, never used as a path */
  name?: string;
  /** Provider (direct) is the ID of one of "transfer.providers", as in TransferExport. */
  provider?: string;
  /** direct: CXF credential types to ask for; none: all */
  types?: string[];
  /**
   * Secret is the command line's fresh verification where there is no dialog: what follows can replace passkeys, and
   * tells what is here already. A browser was let in by the person and has its own page for the review.
   */
  secret?: Secret;
}

/** TransferPut (type "transfer.put") adds a piece of the file that arrives. */
export interface TransferPut {
  id: string;
  /** how many bytes came before: a piece that is sent twice is refused */
  offset: number;
  data: Bytes;
  last?: boolean;
}

/**
 * TransferAnswer (type "transfer.answer") answers what a move in asks in state "asking": the groups of the response's
 * fingerprint (sealed), or the passphrase of a backup or of another manager's file, which the agent's dialog asks for
 * where it can.
 */
export interface TransferAnswer {
  id: string;
  /** in the order of Transfer.Ask */
  groups?: string[];
  /** KeyFile is the content of the key file that a KeePass database needs (Transfer.KeyFile), at most MaxKeyFile bytes. */
  keyFile?: Bytes;
  /** NoPassword: the key file is all that the database needs; nobody is asked for a password. */
  noPassword?: boolean;
  /**
   * AcceptClassical is the person's yes to an answer that a quantum computer could open some day, although better
   * was offered (Transfer.Classical).
   */
  acceptClassical?: boolean;
  /** the backup's passphrase, where there is no dialog */
  secret?: Secret;
  /** Accept (direct) is the person's second confirmation: the State of Transfer.Provider that they were warned of. */
  accept?: string;
}

/** TransferOutcome is what an import did. */
export interface TransferOutcome {
  /** for "transfer.undo"; empty where nothing was changed */
  import?: string;
  added: number;
  /** of mine, which are in the trash now */
  replaced: number;
  merged: number;
  skipped: number;
  files: number;
  /** everything was there already, or left out */
  unchanged?: boolean;
}

/** ImportList answers "transfer.imports": what can still be undone, newest first. */
export interface ImportList {
  imports: ImportDone[];
}

/** ImportDone is an import of the last 30 days. */
export interface ImportDone {
  id: string;
  at: Millis;
  /** the exporter's claim, cleaned */
  from?: string;
  added: number;
  replaced: number;
}

/** ImportUndo (type "transfer.undo") takes an import back: what it added goes to the trash, what it replaced comes back. */
export interface ImportUndo {
  id: string;
  /** from the command line, where there is no dialog */
  secret?: Secret;
}

/** ImportUndone answers "transfer.undo". */
export interface ImportUndone {
  removed: number;
  restored: number;
  /** replaced entries that the trash holds no more */
  lost: number;
}

/** TransferExport (type "transfer.export") prepares a move out. Nothing is encrypted or written yet. */
export interface TransferExport {
  kind: string;
  /** sealed: the request's exact bytes */
  request?: Bytes;
  /** CXF credential types; none: all (that the request asks for) */
  types?: string[];
  /** ids of entries ("list"); none: everything */
  only?: string[];
  /** file: which of "transfer.formats" */
  format?: string;
  /**
   * Provider (direct) is the ID of one of "transfer.providers". The ID stands for what was listed: when the program or the
   * registration has changed since, the answer is CodeProviderGone, and the list has to be looked at again.
   */
  provider?: string;
}

/** FormatList answers "transfer.formats": the managers whose files can be read or written. */
export interface FormatList {
  formats: FileFormat[];
}

/** FileFormat is a kind of file in which credentials leave another manager. */
export interface FileFormat {
  id: string;
  name: string;
  write?: boolean;
  /** written files are sealed under a passphrase */
  encrypted?: boolean;
  /** it can hold passkeys */
  passkeys?: boolean;
}

/**
 * TransferStart (type "transfer.start") lets a move out begin. The agent verifies the person in its own dialog, which
 * says how much leaves and to whom; for a backup a second dialog asks for the passphrase to seal it with. At most a few
 * are taken in ten minutes (CodeRateLimited).
 */
export interface TransferStart {
  id: string;
  /** of the request's fingerprint, in the order of Transfer.Ask */
  groups?: string[];
  /** fresh verification where there is no dialog */
  secret?: Secret;
  /** the backup's passphrase where there is no dialog */
  new?: Secret;
  /** Accept (direct) is the person's second confirmation: the State of Transfer.Provider that they were warned of. */
  accept?: string;
}

/** TransferNext (type "transfer.next") fetches a piece in states "ready" and "done". */
export interface TransferNext {
  id: string;
  offset: number;
}

/** TransferData answers "transfer.next". */
export interface TransferData {
  data: Bytes;
  last: boolean;
}

/** TransferResult is what the importer of a direct exchange says. What it had already counts as accepted. */
export interface TransferResult {
  accepted: number;
  /** at most 1,000 */
  skipped?: TransferSkipped[];
}

/** TransferSkipped is an item that the other app could not read. All of it is its own claim, made safe to show. */
export interface TransferSkipped {
  title: string;
  type?: string;
  reason?: string;
}

/**
 * TransferOriginals (type "transfer.originals") says what becomes of the originals of what moved out, in state "done".
 * Backups have none.
 */
export interface TransferOriginals {
  id: string;
  /** "keep", "trash" or "wait": remind me with "transfer.moved" */
  do: "keep" | "trash" | "wait";
}

/** MovedList answers "transfer.moved": the moves out whose originals wait for a word, newest first. */
export interface MovedList {
  moves: Moved[];
}

/** Moved is a move out whose originals are still here. */
export interface Moved {
  id: string;
  at: Millis;
  /** in words */
  to: string;
  count: number;
}

/** MovedSettle (type "transfer.settle") says whether what moved out arrived: its originals then go to the trash, or stay. */
export interface MovedSettle {
  id: string;
  /** "keep" or "trash" */
  do: "keep" | "trash";
}

/** OriginalsDone answers "transfer.originals" and "transfer.settle". */
export interface OriginalsDone {
  trashed: number;
  /** changed here since they left: they stay */
  changed: number;
  /** in the trash already, or not here any more */
  gone: number;
}

/** ProviderQuery (type "transfer.providers") asks for the apps on this machine that take part in direct exchange. */
export interface ProviderQuery {
  /** true: those that can take passkeys (importers); false: those that can give some (exporters) */
  out: boolean;
}

/**
 * ProviderList answers "transfer.providers". Keyferry's own registration for the vault that asks is not in it; those of
 * other profiles are.
 */
export interface ProviderList {
  providers: Provider[];
  /** registrations that must not be used, for a details fold */
  ignored: ProviderIgnored[];
}

/**
 * Provider is an app of this machine that registered for direct exchange. Name, RPID and Icon are its own claims: anybody
 * who can write this user's files can register any name, so Program and System stand beside them wherever they are shown.
 */
export interface Provider {
  /** stands for the registration and the program as they are now */
  id: string;
  rpId: string;
  name: string;
  /** a name that may be dressed up as another: say so beside it */
  suspicious?: boolean;
  /** a data: URL of a PNG of at most 64 KiB */
  icon?: string;
  /** Types are the CXF credential types it handles; none: all. */
  types?: string[];
  /**
   * Excludes is for how many sites it does not take logins (out): what is for them stays. ExcludedSites are the first of
   * them, at most MaxExcludedShown, for a details fold.
   */
  excludes?: number;
  excludedSites?: string[];
  /** path of what would be started, made safe to show */
  program: string;
  /** path of the script where Program is an interpreter */
  script?: string;
  /** the system vouches for it (root's file, root's program); else only the user's files do */
  system: boolean;
  /** path of the registration */
  file: string;
  /** ProviderKnown and its like */
  state: string;
}

/** ProviderIgnored is a registration that is not used. */
export interface ProviderIgnored {
  file: string;
  /** in plain words */
  reason: string;
}

/**
 * RequestMake (type "transfer.request") makes a request that another program answers with a sealed file. Its private
 * keys wait in a sealed file beside the vault, for a day at most.
 */
export interface RequestMake {
  /** CXF credential types to ask for; none: all */
  types?: string[];
}

/** RequestMade answers "transfer.request". */
export interface RequestMade {
  /** to be written to a file byte by byte, or shown as a QR code */
  request: Bytes;
  /** six groups: the exporter's side asks for three of them */
  fingerprint: string;
  /** names it in "transfer.forget" */
  digest: Bytes;
  expiresAt: Millis;
}

/** RequestList answers "transfer.requests". */
export interface RequestList {
  requests: RequestOpen[];
}

/** RequestOpen is a request that waits for its answer. */
export interface RequestOpen {
  digest: Bytes;
  expiresAt: Millis;
}

/** RequestForget (type "transfer.forget") erases a request's keys: its answer can't be opened any more. */
export interface RequestForget {
  digest: Bytes;
}

/**
 * Secret is a passphrase, PIN or recovery phrase that came by our own page or the terminal, because no dialog of the
 * agent's could be shown. More than one member is refused. It is erased after use.
 */
export interface Secret {
  passphrase?: string;
  pin?: string;
  /** the words, separated by spaces */
  recovery?: string;
}

/**
 * VaultCreate (type "vault.create") makes the vault. The passphrase is asked for in the agent's dialog; Secret is used
 * only where there is none. From a browser, the new vault pairs that browser at once: the dialog that sets the
 * passphrase names it, and shows the code of event "pair.code".
 */
export interface VaultCreate {
  secret?: Secret;
  label?: string;
}

/** VaultCreated answers "vault.create". RecoveryPhrase is shown once and can't be had again. */
export interface VaultCreated {
  recoveryPhrase: string[];
  browser?: Browser;
}

/**
 * Unlock (type "unlock") opens the vault: by the agent's dialog, or by Secret where there is none, or by the recovery
 * phrase, which has to come by our own page or the terminal.
 */
export interface Unlock {
  secret?: Secret;
}

/** PassphraseCheck (type "passphrase.check") rates a passphrase before it is set; nothing of it is kept. */
export interface PassphraseCheck {
  passphrase: string;
}

/** PassphraseStrength answers "passphrase.check". */
export interface PassphraseStrength {
  /** honest estimate of guessing entropy */
  bits: number;
  /** false: too weak to be set */
  accept: boolean;
  /** one plain sentence */
  verdict: string;
}

/** Lock (type "lock") forgets everything: the agent re-executes itself. */
export type Lock = Record<string, never>;

/**
 * CreateRequest (type "webauthn.create", from a content script) begins navigator.credentials.create() (WebAuthn §5.1.3).
 *
 * Request is 16 random bytes made by the content script. A worker that died may ask again with the same name: the
 * agent then re-attaches to the ceremony, which lives in the agent, instead of beginning a second one.
 */
export interface CreateRequest {
  request: Bytes;
  /** Options is a PublicKeyCredentialCreationOptionsJSON (WebAuthn §5.1.9), as the page's values serialise. */
  options: PublicKeyCredentialCreationOptionsJSON;
  /** Mediation is "" or "conditional". */
  mediation?: "" | "conditional";
  /** Visible: the document is visible and its window focused (by the browser's own word). */
  visible: boolean;
  /** Delegated: the browser's permissions policy lets this frame ask. */
  delegated: boolean;
}

/**
 * GetRequest (type "webauthn.get", from a content script) begins navigator.credentials.get() (WebAuthn §5.1.4).
 * Options is a PublicKeyCredentialRequestOptionsJSON (WebAuthn §5.1.10).
 */
export interface GetRequest {
  request: Bytes;
  options: PublicKeyCredentialRequestOptionsJSON;
  /** "", "optional", "required", "silent", "conditional" or "immediate" */
  mediation?: "" | "optional" | "required" | "silent" | "conditional" | "immediate";
  visible: boolean;
  delegated: boolean;
}

/** WebAuthnResult answers "webauthn.create" and "webauthn.get". */
export interface WebAuthnResult {
  /** Outcome is "credential", "browser" (ask the browser itself, untouched) or "error". */
  outcome: "credential" | "browser" | "error";
  ceremony?: string;
  /** Credential is a RegistrationResponseJSON or AuthenticationResponseJSON (WebAuthn §5.1.1). */
  credential?: RegistrationResponseJSON | AuthenticationResponseJSON;
  /**
   * Reason says why the browser is to be asked: "rp-id", "no-match", "other-device", "site-off", "mediation",
   * "extension", "origin", "not-ready", "algorithm", "attachment", "policy" (the document's permissions policy), "options" (unreadable).
   */
  reason?: string;
  /** of the call's timeout */
  remainingMs?: number;
  error?: DOMError;
}

/** DOMError is what the page gets: a DOMException of that name, or a TypeError. */
export interface DOMError {
  /** "NotAllowedError", "InvalidStateError", "SecurityError", "NotSupportedError", "AbortError", "TypeError", … */
  name: string;
  message: string;
}

/**
 * Delivered (type "webauthn.delivered", from the content script) confirms that the page's promise was resolved with
 * the new credential; until then the passkey is pending.
 */
export interface Delivered {
  ceremony: string;
}

/** DocumentGone (type "webauthn.gone", from the background) cancels the ceremonies of a tab or document that was closed or navigated. */
export interface DocumentGone {
  tabId: number;
  /** 0: the whole tab */
  frameId?: number;
  documentId?: string;
}

/** SiteQuery (type "site.get") asks what is stored for an origin; SiteInfo answers. */
export interface SiteQuery {
  origin: string;
}

/** SiteInfo answers "site.get" and "site.set". */
export interface SiteInfo {
  /** registrable domain, cleaned for display */
  site: string;
  /** false for pages that can't have passkeys (no https, an IP address, …) */
  known: boolean;
  /** "never on this site" */
  off: boolean;
  accounts: Account[];
}

/** SiteSet (type "site.set") switches Keyferry off or on for an origin's site. */
export interface SiteSet {
  origin: string;
  off: boolean;
}

/** SitesOff answers "sites.off": where Keyferry is switched off. The background keeps them while the vault is locked. */
export interface SitesOff {
  sites: string[];
}

/** Every message type with the bodies of its request and its answer. */
export interface Messages {
  "session": { request: SessionRequest; answer: SessionResult };
  "ping": { request: Ping; answer: Ping };
  "status": { request: Empty; answer: Status };
  "profiles.list": { request: Empty; answer: ProfileList };
  "pair": { request: PairRequest; answer: PairResult };
  "pair.confirm": { request: PairConfirm; answer: PairResult };
  "browsers.list": { request: Empty; answer: BrowserList };
  "browsers.revoke": { request: BrowserRevoke; answer: Empty };
  "vault.create": { request: VaultCreate; answer: VaultCreated };
  "passphrase.check": { request: PassphraseCheck; answer: PassphraseStrength };
  "unlock": { request: Unlock; answer: Status };
  "lock": { request: Lock; answer: Empty };
  "webauthn.create": { request: CreateRequest; answer: WebAuthnResult };
  "webauthn.get": { request: GetRequest; answer: WebAuthnResult };
  "webauthn.delivered": { request: Delivered; answer: Empty };
  "webauthn.gone": { request: DocumentGone; answer: Empty };
  "ceremony.describe": { request: CeremonyRef; answer: CeremonyView };
  "ceremony.unlock": { request: CeremonyUnlock; answer: CeremonyView };
  "ceremony.approve": { request: CeremonyApprove; answer: Empty };
  "ceremony.refuse": { request: CeremonyRefuse; answer: Empty };
  "site.get": { request: SiteQuery; answer: SiteInfo };
  "site.set": { request: SiteSet; answer: SiteInfo };
  "sites.off": { request: Empty; answer: SitesOff };
  "list": { request: ListRequest; answer: ListResult };
  "show": { request: Ref; answer: Entry };
  "rename": { request: Rename; answer: Entry };
  "trash": { request: Ref; answer: Empty };
  "untrash": { request: Ref; answer: Empty };
  "trash.empty": { request: EmptyTrash; answer: Emptied };
  "slots.list": { request: Empty; answer: SlotList };
  "slots.add": { request: SlotAdd; answer: SlotAdded };
  "slots.change": { request: SlotChange; answer: Empty };
  "slots.remove": { request: SlotRemove; answer: Empty };
  "rekey": { request: Rekey; answer: Empty };
  "pin.set": { request: PinSet; answer: Status };
  "settings.get": { request: Empty; answer: Settings };
  "settings.set": { request: Settings; answer: Settings };
  "audit": { request: AuditQuery; answer: AuditLog };
  "vault.health": { request: Empty; answer: Health };
  "transfer.request": { request: RequestMake; answer: RequestMade };
  "transfer.requests": { request: Empty; answer: RequestList };
  "transfer.forget": { request: RequestForget; answer: Empty };
  "transfer.providers": { request: ProviderQuery; answer: ProviderList };
  "transfer.export": { request: TransferExport; answer: Transfer };
  "transfer.import": { request: TransferImport; answer: Transfer };
  "transfer.put": { request: TransferPut; answer: Transfer };
  "transfer.answer": { request: TransferAnswer; answer: Transfer };
  "transfer.start": { request: TransferStart; answer: Transfer };
  "transfer.next": { request: TransferNext; answer: TransferData };
  "transfer.get": { request: TransferGet; answer: Transfer };
  "transfer.list": { request: Empty; answer: TransferList };
  "transfer.formats": { request: Empty; answer: FormatList };
  "transfer.entries": { request: TransferEntries; answer: TransferEntryList };
  "transfer.choose": { request: TransferChoose; answer: Transfer };
  "transfer.commit": { request: TransferRef; answer: Transfer };
  "transfer.cancel": { request: TransferRef; answer: Empty };
  "transfer.imports": { request: Empty; answer: ImportList };
  "transfer.originals": { request: TransferOriginals; answer: OriginalsDone };
  "transfer.moved": { request: Empty; answer: MovedList };
  "transfer.settle": { request: MovedSettle; answer: OriginalsDone };
  "transfer.undo": { request: ImportUndo; answer: ImportUndone };
  "open.put": { request: OpenPut; answer: OpenFile };
  "open.get": { request: OpenGet; answer: OpenFile };
  "open.take": { request: OpenTake; answer: Transfer };
}

export type MessageType = keyof Messages;

/** Every event with its body. */
export interface Events {
  "agent.hello": AgentHello;
  "status.changed": Status;
  "pair.code": PairCode;
  "ceremony.show": CeremonyShow;
  "ceremony.end": CeremonyEnd;
  "transfer.progress": TransferProgress;
  "open.show": OpenShow;
  "bridge.error": Empty;
  "agent.refused": Empty;
}

export type EventName = keyof Events;

/** What a message takes, by who sends it; a sender that is not named is refused. */
export const NEEDS: Record<MessageType, Partial<Record<SenderKind, Need>>> = {
  "session": { background: "nothing" },
  "ping": { background: "nothing", cli: "nothing", content: "nothing", page: "nothing" },
  "status": { background: "nothing", cli: "nothing", page: "nothing" },
  "profiles.list": { page: "nothing" },
  "pair": { page: "fresh" },
  "pair.confirm": { cli: "fresh" },
  "browsers.list": { cli: "unlocked", page: "unlocked" },
  "browsers.revoke": { cli: "unlocked", page: "unlocked" },
  "vault.create": { cli: "nothing", page: "nothing" },
  "passphrase.check": { cli: "nothing", page: "nothing" },
  "unlock": { background: "nothing", cli: "nothing", page: "nothing" },
  "lock": { background: "nothing", cli: "nothing", page: "nothing" },
  "webauthn.create": { content: "consent" },
  "webauthn.get": { content: "consent" },
  "webauthn.delivered": { content: "paired" },
  "webauthn.gone": { background: "paired" },
  "ceremony.describe": { page: "paired" },
  "ceremony.unlock": { page: "paired" },
  "ceremony.approve": { page: "unlocked" },
  "ceremony.refuse": { page: "paired" },
  "site.get": { page: "unlocked" },
  "site.set": { page: "unlocked" },
  "sites.off": { background: "unlocked", page: "unlocked" },
  "list": { cli: "fresh", page: "unlocked" },
  "show": { cli: "fresh", page: "unlocked" },
  "rename": { cli: "unlocked", page: "unlocked" },
  "trash": { cli: "unlocked", page: "unlocked" },
  "untrash": { cli: "unlocked", page: "unlocked" },
  "trash.empty": { cli: "fresh", page: "fresh" },
  "slots.list": { cli: "unlocked", page: "unlocked" },
  "slots.add": { cli: "fresh", page: "fresh" },
  "slots.change": { cli: "fresh", page: "fresh" },
  "slots.remove": { cli: "fresh", page: "fresh" },
  "rekey": { cli: "fresh", page: "fresh" },
  "pin.set": { cli: "fresh", page: "fresh" },
  "settings.get": { cli: "unlocked", page: "unlocked" },
  "settings.set": { cli: "fresh", page: "fresh" },
  "audit": { cli: "fresh", page: "unlocked" },
  "vault.health": { cli: "unlocked", page: "unlocked" },
  "transfer.request": { cli: "unlocked", page: "unlocked" },
  "transfer.requests": { cli: "unlocked", page: "unlocked" },
  "transfer.forget": { cli: "unlocked", page: "unlocked" },
  "transfer.providers": { cli: "unlocked", page: "unlocked" },
  "transfer.export": { cli: "unlocked", page: "unlocked" },
  "transfer.import": { cli: "fresh", page: "unlocked" },
  "transfer.put": { cli: "unlocked", page: "unlocked" },
  "transfer.answer": { cli: "unlocked", page: "unlocked" },
  "transfer.start": { cli: "fresh", page: "fresh" },
  "transfer.next": { cli: "unlocked", page: "unlocked" },
  "transfer.get": { cli: "unlocked", page: "unlocked" },
  "transfer.list": { cli: "unlocked", page: "unlocked" },
  "transfer.formats": { cli: "nothing", page: "nothing" },
  "transfer.entries": { cli: "unlocked", page: "unlocked" },
  "transfer.choose": { cli: "unlocked", page: "unlocked" },
  "transfer.commit": { cli: "unlocked", page: "unlocked" },
  "transfer.cancel": { cli: "unlocked", page: "unlocked" },
  "transfer.imports": { cli: "unlocked", page: "unlocked" },
  "transfer.originals": { page: "unlocked" },
  "transfer.moved": { page: "unlocked" },
  "transfer.settle": { page: "unlocked" },
  "transfer.undo": { cli: "fresh", page: "unlocked" },
  "open.put": { cli: "nothing" },
  "open.get": { cli: "nothing" },
  "open.take": { page: "unlocked" },
};
