/**
 * Routes what content scripts ask. Each frame that asks has a port; when its document goes the port closes, and
 * everything that it asked for is cancelled at the agent.
 */
import type { ContentMessage, ContentReply } from "../content/wire";
import { ext, type Port } from "../shared/ext";
import type { Sender, Error as WireError } from "../shared/protocol.gen";
import type { ApproveWindows } from "./approve";
import type { Facts } from "./facts";
import { type Host, wireError } from "./host";
import type { PictureInPicture } from "./pip";
import { contentSender, type Place, place } from "./sender";

type Ask = Extract<ContentMessage, { type: string }>;

/** What a content script may ask for at all. The agent's table says the same; what is not here does not get as far. */
const SERVED = new Set<string>(["webauthn.create", "webauthn.get", "ping"] satisfies Ask["type"][]);

/** A request that the agent lost (it restarted) is asked once more under its name; then the browser serves the call. */
const TRIES = 2;

export class Contents {
  readonly #host: Host;
  readonly #facts: Facts;
  readonly #pip: PictureInPicture;
  readonly #approve: ApproveWindows;
  /** How many requests each tab waits for. */
  readonly #waiting = new Map<number, number>();

  constructor(host: Host, facts: Facts, pip: PictureInPicture, approve: ApproveWindows) {
    this.#host = host;
    this.#facts = facts;
    this.#pip = pip;
    this.#approve = approve;
  }

  accept(port: Port): void {
    const open = new Map<number, () => void>();
    let at: Place | undefined;
    port.onMessage.addListener((m: ContentMessage) => {
      if ("hello" in m) {
        at ??= place(port.sender, String(m.hello?.origin));
        return;
      }
      if (!at) return; // no content script in a tab, or one that skipped its first message
      if ("pictureInPicture" in m) this.#pip.set(port, m.pictureInPicture === true);
      else if ("cancel" in m) open.get(m.id)?.();
      else if ("delivered" in m) void this.#delivered(at, m.delivered.ceremony);
      else if ("type" in m && SERVED.has(m.type)) void this.#count(at.tabID, this.#serve(port, at, m, open));
    });
    port.onDisconnect.addListener(() => {
      this.#pip.set(port, false);
      if (!at || open.size === 0) return;
      for (const cancel of open.values()) cancel();
      open.clear();
      void this.#gone(at);
    });
  }

  /** When a tab waits for nothing any more, its approve window has nothing to ask, even where no agent is left to say so. */
  async #count(tabID: number, served: Promise<void>): Promise<void> {
    this.#waiting.set(tabID, (this.#waiting.get(tabID) ?? 0) + 1);
    await served;
    const left = (this.#waiting.get(tabID) ?? 1) - 1;
    if (left > 0) {
      this.#waiting.set(tabID, left);
      return;
    }
    this.#waiting.delete(tabID);
    this.#approve.over(tabID);
  }

  async #serve(port: Port, at: Place, m: Ask, open: Map<number, () => void>): Promise<void> {
    const reply = (r: ContentReply) => {
      if (open.delete(m.id)) port.postMessage(r);
    };
    let canceled = false;
    let cancel = () => {
      canceled = true;
    };
    open.set(m.id, () => cancel());
    try {
      if (await this.#facts.siteIsOff(at.origin)) {
        reply({ id: m.id, result: { outcome: "browser", reason: "site-off" } });
        return;
      }
      // A ping takes every step of a ceremony's road: what it is compared with is the ceremony alone.
      const [sender, inFront] = await Promise.all([contentSender(at), this.#inFront(at)]);
      const body = m.type === "ping" ? m.body : { ...m.body, visible: m.body.visible === true && inFront };
      for (let tries = 1; ; tries++) {
        if (canceled) throw wireError("canceled", "The page cancelled its request.");
        const asked = this.#host.ask(m.type, body, sender);
        cancel = () => {
          canceled = true;
          asked.cancel();
        };
        try {
          reply({ id: m.id, result: (await asked.answer) as never });
          return;
        } catch (e) {
          if ((e as WireError).name !== "agent-gone" || tries >= TRIES) throw e;
        }
      }
    } catch (e) {
      reply({ id: m.id, error: toWireError(e) });
    }
  }

  /** Whether the tab is the shown one of the focused window, by the browser's word. */
  async #inFront(at: Place): Promise<boolean> {
    const [tab, first] = await Promise.all([
      ext.tabs.get(at.tabID),
      ext.windows.get(at.windowID).catch(() => undefined),
    ]);
    // The tab may have been moved to another window since its script connected.
    const window = first?.id === tab.windowId ? first : await ext.windows.get(tab.windowId);
    this.#approve.remember(at.tabID, window);
    return tab.active && window.focused;
  }

  async #delivered(at: Place, ceremony: string): Promise<void> {
    const sender: Sender = await contentSender(at);
    // Nobody waits for it: what was not confirmed stays marked as pending, which is the truth.
    await this.#host.ask("webauthn.delivered", { ceremony }, sender).answer.catch(() => {});
  }

  async #gone(at: Place): Promise<void> {
    const body = { tabId: at.tabID, frameId: at.frameID, ...(at.documentID ? { documentId: at.documentID } : {}) };
    // An agent that is gone itself has no ceremony left to cancel.
    await this.#host.ask("webauthn.gone", body, { kind: "background" }).answer.catch(() => {});
  }
}

function toWireError(e: unknown): WireError {
  if (typeof e === "object" && e !== null && "code" in e && "name" in e) return e as WireError;
  return wireError("internal", `The extension failed: ${String(e)}`);
}
