/**
 * Credentials that are PublicKeyCredentials. The getters and methods live on the browser's own prototypes, wrapped once:
 * a wrapper looks its receiver up and else calls the native member, whose brand check and errors stay what they were.
 * So `instanceof`, read-only attributes, class strings and `descriptor.get.call(credential)` all hold. Wrappers are
 * proxies of the native functions: name, length and "[native code]" come by themselves.
 */
import { decode } from "./base64url";
import {
  apply,
  bufferOf,
  createObject,
  defineProperty,
  getOwnPropertyDescriptor,
  isArray,
  PageProxy,
  parse,
  secretMap,
  stringify,
} from "./primitives";
import { put } from "./snapshot";

/** What a wrapped member answers for one object: a value of ours by member name. */
type Members = { [name: string]: () => unknown };

const ours = secretMap<Members>();

// biome-ignore lint/suspicious/noExplicitAny: wraps functions of any signature
type Fn = (...args: any[]) => any;

/** A function that looks and behaves like `native`, except that `serve` answers where it has an answer. */
export function wrap<F extends Fn>(native: F, serve: (native: F, receiver: unknown, args: unknown[]) => unknown): F {
  const handler: ProxyHandler<F> = createObject(null);
  handler.apply = (target, receiver, args) => serve(target, receiver, args);
  return new PageProxy(native, handler);
}

function wrapMember(proto: object | undefined, name: string): void {
  const found = proto && getOwnPropertyDescriptor(proto, name);
  if (!proto || !found) return; // this browser does not have it, so neither do our credentials
  const serve = (native: Fn, receiver: unknown, args: unknown[]) => {
    const member = ours.get(receiver)?.[name];
    return member ? member() : apply(native, receiver, args);
  };
  if (found.get) defineProperty(proto, name, { ...found, get: wrap(found.get, serve) });
  else if (typeof found.value === "function")
    defineProperty(proto, name, { ...found, value: wrap(found.value, serve) });
}

type Registration = {
  id: string;
  rawId: string;
  type: string;
  authenticatorAttachment?: string;
  clientExtensionResults?: object;
  response: {
    clientDataJSON: string;
    attestationObject: string;
    authenticatorData: string;
    publicKey?: string;
    publicKeyAlgorithm: number;
    transports: string[];
  };
};

type Authentication = Omit<Registration, "response"> & {
  response: { clientDataJSON: string; authenticatorData: string; signature: string; userHandle?: string };
};

const buffer = (text: string): ArrayBuffer => bufferOf(decode(text));
const fixed = (value: unknown) => () => value;

/** Binary outputs of extensions come as base64url; the page gets ArrayBuffers (WebAuthn §9, §10.1.4, §10.1.5). */
function extensionResults(json: string): object {
  const results = parse(json);
  const prf = results.prf?.results;
  if (prf?.first !== undefined) prf.first = buffer(prf.first);
  if (prf?.second !== undefined) prf.second = buffer(prf.second);
  if (results.largeBlob?.blob !== undefined) results.largeBlob.blob = buffer(results.largeBlob.blob);
  if (typeof results.getCredBlob === "string") results.getCredBlob = buffer(results.getCredBlob);
  return results;
}

/** Prepares the prototypes of this page and returns the function that makes credentials from the host's JSON. */
export function prepareCredentials(): (kind: "create" | "get", json: string) => Credential {
  const { PublicKeyCredential, AuthenticatorAttestationResponse, AuthenticatorAssertionResponse } = globalThis;
  const credentialProto = PublicKeyCredential.prototype;
  const attestationProto = AuthenticatorAttestationResponse.prototype;
  const assertionProto = AuthenticatorAssertionResponse.prototype;

  wrapMember(globalThis.Credential.prototype, "id");
  wrapMember(globalThis.Credential.prototype, "type");
  wrapMember(credentialProto, "rawId");
  wrapMember(credentialProto, "response");
  wrapMember(credentialProto, "authenticatorAttachment");
  wrapMember(credentialProto, "getClientExtensionResults");
  wrapMember(credentialProto, "toJSON");
  wrapMember(globalThis.AuthenticatorResponse.prototype, "clientDataJSON");
  wrapMember(attestationProto, "attestationObject");
  wrapMember(attestationProto, "getAuthenticatorData");
  wrapMember(attestationProto, "getPublicKey");
  wrapMember(attestationProto, "getPublicKeyAlgorithm");
  wrapMember(attestationProto, "getTransports");
  wrapMember(assertionProto, "authenticatorData");
  wrapMember(assertionProto, "signature");
  wrapMember(assertionProto, "userHandle");

  function attestation({ response: r }: Registration): object {
    const object = createObject(attestationProto) as object;
    const publicKey = r.publicKey;
    ours.set(object, {
      __proto__: null as never,
      clientDataJSON: fixed(buffer(r.clientDataJSON)),
      attestationObject: fixed(buffer(r.attestationObject)),
      getAuthenticatorData: () => buffer(r.authenticatorData),
      getPublicKey: () => (publicKey === undefined ? null : buffer(publicKey)),
      getPublicKeyAlgorithm: fixed(r.publicKeyAlgorithm),
      getTransports: () => copyList(r.transports),
    });
    return object;
  }

  function assertion({ response: r }: Authentication): object {
    const object = createObject(assertionProto) as object;
    ours.set(object, {
      __proto__: null as never,
      clientDataJSON: fixed(buffer(r.clientDataJSON)),
      authenticatorData: fixed(buffer(r.authenticatorData)),
      signature: fixed(buffer(r.signature)),
      userHandle: fixed(r.userHandle === undefined ? null : buffer(r.userHandle)),
    });
    return object;
  }

  return (kind, json) => {
    const made = parse(json) as Registration & Authentication;
    const results = stringify(made.clientExtensionResults ?? {});
    const object = createObject(credentialProto) as Credential;
    ours.set(object, {
      __proto__: null as never,
      id: fixed(made.id),
      type: fixed(made.type),
      rawId: fixed(buffer(made.rawId)),
      response: fixed(kind === "create" ? attestation(made) : assertion(made)),
      authenticatorAttachment: fixed(made.authenticatorAttachment ?? null),
      getClientExtensionResults: () => extensionResults(results),
      toJSON: () => parse(json),
    });
    return object;
  };
}

function copyList(list: string[]): string[] {
  const copy: string[] = [];
  if (isArray(list)) for (let i = 0; i < list.length; i++) put(copy, i, list[i]);
  return copy;
}
