/**
 * Who asks, by the browser's own word: origin, frame, tab and document come from the port's `sender`, ancestors from
 * webNavigation; nothing of it from a message. The agent believes this of a paired session.
 */
import { ext, type MessageSender, PAGES, type PageName } from "../shared/ext";
import type { Sender } from "../shared/protocol.gen";

/** The name of our own page that a sender is, or undefined. The whole path must be a page's: a prefix proves nothing. */
export function ownPage(sender: MessageSender | undefined): PageName | undefined {
  if (!sender?.url || sender.id !== ext.runtime.id) return undefined;
  const url = new URL(sender.url);
  if (`${url.protocol}//${url.host}` !== ext.runtime.getURL("").replace(/\/$/, "")) return undefined;
  return PAGES.find(page => url.pathname === `/ui/${page}/index.html`);
}

/** A content script's place, as far as the port itself says it. */
export interface Place {
  tabID: number;
  frameID: number;
  windowID: number;
  origin: string;
  documentID: string | undefined;
  private: boolean;
}

/**
 * Where a content script runs; undefined for anything that is no content script in a tab.
 *
 * `claimed` is what the script says about its document's origin. It can only take away: in Firefox, whose sender has
 * a URL but no origin, a sandboxed document's origin is opaque though its URL looks like any other.
 */
export function place(sender: MessageSender | undefined, claimed: string): Place | undefined {
  const tab = sender?.tab;
  if (sender?.id !== ext.runtime.id || tab?.id === undefined || tab.id < 0 || sender.frameId === undefined)
    return undefined;
  if (ownPage(sender)) return undefined;
  const said = (sender as { origin?: string }).origin ?? originOf(sender.url ?? "");
  const origin = said === claimed && /^https?:/.test(said) ? said : "null";
  return {
    tabID: tab.id,
    frameID: sender.frameId,
    windowID: tab.windowId,
    origin,
    documentID: sender.documentId,
    private: tab.incognito,
  };
}

/** The message's sender, with the ancestors as they are now. */
export async function contentSender(p: Place): Promise<Sender> {
  const ancestors = p.frameID === 0 ? [] : await ancestorOrigins(p.tabID, p.frameID);
  return {
    kind: "content",
    origin: p.origin,
    ancestors,
    tabId: p.tabID,
    frameId: p.frameID,
    ...(p.documentID ? { documentId: p.documentID } : {}),
    private: p.private,
  };
}

/** The origins of the documents that embed a frame, nearest first; "" for one that can't be established. */
async function ancestorOrigins(tabId: number, frameId: number): Promise<string[]> {
  const frames = (await ext.webNavigation.getAllFrames({ tabId })) ?? [];
  const byID = new Map(frames.map(f => [f.frameId, f]));
  const origins: string[] = [];
  let parent = byID.get(frameId)?.parentFrameId;
  // A frame that the browser does not list any more has an unknown ancestor, never none.
  if (parent === undefined) return [""];
  while (parent !== -1) {
    const frame = byID.get(parent);
    origins.push(frame ? originOf(frame.url) : "");
    if (!frame || origins.length > byID.size) break;
    parent = frame.parentFrameId;
  }
  return origins;
}

/** The origin of an http(s) URL, else "": about:blank and the like inherit one that their URL does not tell. */
function originOf(url: string): string {
  return /^https?:\/\//.test(url) ? new URL(url).origin : "";
}
