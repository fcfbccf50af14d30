/**
 * What travels between the page-world script and the isolated one: the root port's requests, each with a port of its
 * own, and that port's messages. All members are primitives, binary and structure are JSON text: in Firefox the two
 * worlds see each other's objects through wrappers, and text needs none.
 */

/** The DOM events of the hand-over. Their names are no secret; see channel.ts and ../content/channel.ts. */
export const OFFER = "keyferry-offer";
export const ASK = "keyferry-ask";

/** The mediations that come to us; the others are the browser's. */
export type Mediation = "" | "optional" | "required";

/** On the root port, with a fresh MessagePort transferred: the request's own. */
export type RootMessage =
  | { kind: "create" | "get"; options: string; mediation: Mediation }
  /** asks for {@link FactsMessage} */
  | { kind: "facts" };

/** From the isolated script on the root port: it lost the extension (reloaded, updated, removed) for good. */
export type RootReply = { gone: true };

/** From the page on a request's port. */
export type RequestMessage = { abort: true } | { delivered: true } | { ping: true };

/** From the isolated script on a request's port. `result` is a WebAuthnResult as JSON. */
export type RequestReply = { pong: true } | { result: string } | FactsMessage;

/** `ready`: the native host is there; and this site is not switched off. */
export type FactsMessage = { ready: boolean };
