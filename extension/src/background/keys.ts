/**
 * The pairing keys of this browser profile, one for each vault that it uses: ECDSA P-256, made once, non-extractable, in
 * IndexedDB. The agent keeps the public half after the person confirmed it; each session is signed anew (host/protocol,
 * SessionRequest).
 */
import { decodeBase64url, encodeBase64url } from "../shared/base64url";
import { caller, ext } from "../shared/ext";
import { PROTOCOL_VERSION, type SessionRequest } from "../shared/protocol.gen";
import { DEFAULT_PROFILE } from "./profile";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" };
const STORE = "keys";
const PAIRING = "pairing";
/** Stands beside a key that no agent has let in yet. */
const STRANGER = "stranger";

/** What a signature begins with, so that it is good for nothing else. */
const CONTEXT = "keyferry session 1\0";

/** The signed request that opens a session over the nonce of a profile's agent. */
export async function sessionRequest(nonce: string, profile: string): Promise<SessionRequest> {
  const { publicKey, privateKey } = await pairingKey(profile);
  const message = concat(encodeText(CONTEXT), decodeBase64url(nonce), encodeText(caller()));
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, privateKey, message);
  return {
    protocolMin: PROTOCOL_VERSION,
    protocolMax: PROTOCOL_VERSION,
    version: ext.runtime.getManifest().version,
    publicKey: encodeBase64url(new Uint8Array(await crypto.subtle.exportKey("spki", publicKey))),
    signature: encodeBase64url(new Uint8Array(signature)),
  };
}

const known = new Map<string, Promise<CryptoKeyPair>>();

/**
 * Whether this browser's key for a profile was never let in. The agent can't say that while its vault is locked: the list is
 * in there.
 */
export async function neverLetIn(profile: string): Promise<boolean> {
  const db = await openDatabase();
  try {
    return (
      (await finished<unknown>(db.transaction(STORE).objectStore(STORE).get(nameOf(STRANGER, profile)))) !== undefined
    );
  } finally {
    db.close();
  }
}

/** Remembers that the key was let in. */
export async function letIn(profile: string): Promise<void> {
  const db = await openDatabase();
  try {
    await finished(db.transaction(STORE, "readwrite").objectStore(STORE).delete(nameOf(STRANGER, profile)));
  } finally {
    db.close();
  }
}

function nameOf(what: string, profile: string): string {
  return profile === DEFAULT_PROFILE ? what : `${what}/${profile}`;
}

function pairingKey(profile: string): Promise<CryptoKeyPair> {
  const found =
    known.get(profile) ??
    loadOrMake(nameOf(PAIRING, profile), nameOf(STRANGER, profile)).catch(e => {
      known.delete(profile); // the next session tries again
      throw e;
    });
  known.set(profile, found);
  return found;
}

async function loadOrMake(name: string, stranger: string): Promise<CryptoKeyPair> {
  const db = await openDatabase();
  try {
    const found = await finished<CryptoKeyPair | undefined>(db.transaction(STORE).objectStore(STORE).get(name));
    if (found) return found;
    const made = (await crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"])) as CryptoKeyPair;
    const store = db.transaction(STORE, "readwrite").objectStore(STORE);
    await Promise.all([finished(store.put(true, stranger)), finished(store.put(made, name))]);
    return made;
  } finally {
    db.close();
  }
}

function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open("keyferry", 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return finished(request);
}

function finished<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

const encodeText = (text: string) => new TextEncoder().encode(text);

function concat(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
