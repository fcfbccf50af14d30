/**
 * What travels between a content script and the background, over a runtime port named {@link CONTENT_PORT}. Origin,
 * frame and tab are not in it: the background takes them from the browser's `sender`.
 */
import type {
  CreateRequest,
  Delivered,
  GetRequest,
  Ping,
  WebAuthnResult,
  Error as WireError,
} from "../shared/protocol.gen";

export const CONTENT_PORT = "content";

/** From a content script. `id` is the script's own count. */
export type ContentMessage =
  /** Always first on a port: what only the document itself can say about its origin (Firefox's sender has none). */
  | { hello: { origin: string } }
  | { id: number; type: "webauthn.create"; body: CreateRequest }
  | { id: number; type: "webauthn.get"; body: GetRequest }
  /** The test build's ping, over the road of a ceremony. */
  | { id: number; type: "ping"; body: Ping }
  | { id: number; cancel: true }
  | { delivered: Delivered }
  /** A document picture-in-picture window of this document was opened or closed. */
  | { pictureInPicture: boolean };

/** To a content script. */
export type ContentReply = { id: number; result: WebAuthnResult | Ping } | { id: number; error: WireError };
