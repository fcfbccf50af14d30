/**
 * What travels between our own pages and the background, over a runtime port named {@link PAGE_PORT}. The content
 * script's half is in ../content/wire.ts; what the host speaks is in protocol.gen.ts.
 */
import type { AgentHello, Status, Error as WireError } from "./protocol.gen";

export const PAGE_PORT = "page";

/**
 * How things stand between this browser and the native host.
 *
 * - `connecting`: the port is open and the agent has not greeted us yet.
 * - `ok`: requests are answered. `paired` is "unknown" while the vault is locked (the list is in the vault), but "no" for a browser that never was let in.
 * - `host-missing`: the browser knows no native host: Keyferry's program is not installed, or not for this browser.
 * - `too-old`: no protocol version in common; `update` says which side has to be updated.
 * - `unknown-caller`: the host does not know this extension's id (a test extension with the release host, say).
 * - `no-profile`: the vault that this browser uses is not there (any more).
 * - `failed`: the host is there and broke; `message` is the browser's or the host's own word.
 */
export type ConnectionState =
  | { kind: "connecting" }
  | { kind: "ok"; hello: AgentHello; status: Status; paired: "yes" | "no" | "unknown"; test: boolean }
  | { kind: "host-missing"; message: string }
  | { kind: "too-old"; update: "host" | "extension"; message: string }
  | { kind: "unknown-caller"; message: string }
  | { kind: "no-profile"; message: string }
  | { kind: "failed"; message: string };

/** From a page to the background. `n` is the page's own count; the answer repeats it. */
export type PageRequest =
  | { n: number; type: string; body: unknown }
  | { n: number; cancel: true }
  | { n: number; local: "connection" | "retry" }
  | { n: number; local: "profile"; name: string };

/** From the background to a page. */
export type PageReply =
  | { n: number; body: unknown }
  | { n: number; error: WireError }
  | { event: string; body: unknown }
  | { connection: ConnectionState }
  | { pictureInPicture: boolean };
