/**
 * The isolated script of every frame: between the page-world script (by the private channel) and the background (by
 * a runtime port). It adds what only a document knows about itself and decides nothing.
 */

import type { RootMessage } from "../page/wire";
import { ext } from "../shared/ext";
import { FACTS_KEY, type StoredFacts, siteIsOff } from "../shared/facts";
import type { CreateRequest, GetRequest, WebAuthnResult } from "../shared/protocol.gen";
import { offerChannel, type PageRequest } from "./channel";
import { watchPictureInPicture } from "./pip";
import { delegated, visible } from "./policy";
import { Road } from "./road";
import type { ContentReply } from "./wire";

const toBrowser: WebAuthnResult = { outcome: "browser", reason: "not-ready" };

const channel = offerChannel(serve, () => road.check());
const road = new Road(() => channel.gone());
watchPictureInPicture(open => road.tell({ pictureInPicture: open }));
// Not "unload": that would keep pages out of the back/forward cache. A page that comes back opens the road anew.
window.addEventListener("pagehide", () => road.close(), true);

function serve(request: PageRequest): void {
  const { message } = request;
  if (message.kind === "facts") void facts().then(ready => request.reply({ ready }));
  else void ceremony(request, message).catch(() => answer(request, toBrowser));
}

async function ceremony(
  request: PageRequest,
  { kind, options, mediation }: Exclude<RootMessage, { kind: "facts" }>,
): Promise<void> {
  const parsed = JSON.parse(options) as CreateRequest["options"] & GetRequest["options"];
  let id: number | undefined;
  let aborted = false;
  let ceremonyID: string | undefined;
  request.onMessage(m => {
    if ("abort" in m) {
      aborted = true;
      if (id !== undefined) road.cancel(id);
      request.close();
    } else if ("delivered" in m) {
      if (kind === "create" && ceremonyID) road.tell({ delivered: { ceremony: ceremonyID } });
      request.close();
    }
  });
  const done = (reply: ContentReply) => {
    const result = "error" in reply ? fromError(reply.error) : (reply.result as WebAuthnResult);
    ceremonyID = result.ceremony;
    answer(request, result);
  };
  const body = {
    request: randomName(),
    options: parsed,
    mediation,
    visible: visible(),
    delegated: await delegated(kind),
  };
  if (aborted) return;
  if (__TEST__ && (parsed as { rpId?: string }).rpId === PING) {
    id = road.ask({ type: "ping", body: { data: JSON.stringify(body) } }, () => answer(request, pong));
    return;
  }
  if (kind === "create") id = road.ask({ type: "webauthn.create", body: { ...body, mediation: "" } }, done);
  else id = road.ask({ type: "webauthn.get", body }, done);
}

/** The test build answers this RP ID with a ping over the whole road, for the benchmark that compares the two. */
const PING = "ping.keyferry.invalid";
const pong: WebAuthnResult = { outcome: "error", error: { name: "NotAllowedError", message: "pong" } };

/** What the host refused: the browser serves the call, unless the person or the page already ended it. */
function fromError({ name, message }: { name: string; message: string }): WebAuthnResult {
  if (name === "denied" || name === "timeout" || name === "rate-limited")
    return { outcome: "error", error: { name: "NotAllowedError", message } };
  if (name === "canceled") return { outcome: "error", error: { name: "AbortError", message } };
  return toBrowser;
}

function answer(request: PageRequest, { credential, ...result }: WebAuthnResult): void {
  const text = credential === undefined ? undefined : JSON.stringify(credential);
  request.reply({ result: JSON.stringify({ result, credential: text }) });
}

async function facts(): Promise<boolean> {
  const stored = (await ext.storage.local.get(FACTS_KEY))[FACTS_KEY] as StoredFacts | undefined;
  return stored?.ready === true && !siteIsOff(window.origin, stored.sitesOff);
}

/** 16 random bytes, base64url: the request's name, by which a new worker re-attaches to its ceremony. */
function randomName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
}
