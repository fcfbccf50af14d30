/**
 * From WebIDL dictionaries to the JSON that travels: PublicKeyCredentialCreationOptionsJSON (WebAuthn §5.1.9) and
 * PublicKeyCredentialRequestOptionsJSON (§5.1.10). Conversions are WebIDL's, so that `alg: "-7"` or a fractional
 * timeout mean what they mean to the browser. Whether the input is well-formed is the browser's to say (native.ts).
 */
import { encode } from "./base64url";
import {
  copyBytes,
  createObject,
  defineProperty,
  isArray,
  objectKeys,
  PageError,
  stringify,
  wellFormed,
} from "./primitives";
import { put } from "./snapshot";

type Dict = Record<string, unknown>;
type Convert = (value: unknown) => unknown;

/** A dictionary: these members in this order, converted; missing ones stay missing. */
function dict(members: Record<string, Convert>): Convert {
  const names = objectKeys(members);
  return value => {
    const out: Dict = createObject(null);
    if (value === null || value === undefined) return out;
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string;
      const member = (value as Dict)[name];
      if (member !== undefined) out[name] = (members[name] as Convert)(member);
    }
    return out;
  };
}

/** A sequence. Iterables that are no arrays are legal and rare; they throw, and the browser serves the call. */
function list(element: Convert): Convert {
  return value => {
    if (!isArray(value)) throw new PageError("not an array");
    const out = bareArray();
    for (let i = 0; i < value.length; i++) put(out, i, element(value[i]));
    return out;
  };
}

/** An array that JSON.stringify writes as one, also where an old library put a toJSON on Array.prototype. */
function bareArray(): unknown[] {
  const out: unknown[] = [];
  defineProperty(out, "toJSON", { __proto__: null, value: undefined } as PropertyDescriptor);
  return out;
}

// Half a character in a name is no reason to refuse a call; the host takes nothing but Unicode.
const text: Convert = value => wellFormed(`${value as string}`);
const flag: Convert = value => !!value;
const long: Convert = value => (value as number) | 0;
const unsignedLong: Convert = value => (value as number) >>> 0;

const binary: Convert = value => {
  const bytes = copyBytes(value);
  if (!bytes) throw new PageError("not a BufferSource");
  return base64url(bytes);
};

function base64url(bytes: Uint8Array<ArrayBuffer>): string {
  let length = 0;
  // Own indices end where the bytes do; the length getter is the prototype's and may have been replaced.
  while (bytes[length] !== undefined) length++;
  return encode(bytes, length);
}

/** Extension inputs: any structure, binary as base64url. What JSON can't hold is left out. */
const anything: Convert = value => {
  if (typeof value === "string") return wellFormed(value);
  if (typeof value !== "object" || value === null) return value;
  const bytes = copyBytes(value);
  if (bytes) return base64url(bytes);
  if (isArray(value)) return list(anything)(value);
  const out: Dict = createObject(null);
  const names = objectKeys(value);
  for (let i = 0; i < names.length; i++)
    out[wellFormed(names[i] as string)] = anything((value as Dict)[names[i] as string]);
  return out;
};

const descriptor = dict({ id: binary, type: text, transports: list(text) });

const creation = dict({
  rp: dict({ id: text, name: text }),
  user: dict({ id: binary, name: text, displayName: text }),
  challenge: binary,
  pubKeyCredParams: list(dict({ type: text, alg: long })),
  timeout: unsignedLong,
  excludeCredentials: list(descriptor),
  authenticatorSelection: dict({
    authenticatorAttachment: text,
    residentKey: text,
    requireResidentKey: flag,
    userVerification: text,
  }),
  hints: list(text),
  attestation: text,
  attestationFormats: list(text),
  extensions: anything,
});

const request = dict({
  challenge: binary,
  timeout: unsignedLong,
  rpId: text,
  allowCredentials: list(descriptor),
  userVerification: text,
  hints: list(text),
  extensions: anything,
});

/** The options as JSON text. @throws where they can't be expressed; the browser then decides what is wrong with them. */
export function optionsJSON(kind: "create" | "get", publicKey: unknown): string {
  return stringify((kind === "create" ? creation : request)(publicKey));
}
