/**
 * The road to the background: one runtime port, opened with the first request and closed when the document goes. A
 * worker or event page may die at any time; the agent holds the ceremonies, so a request that waits is sent again to
 * the next worker under the same name and re-attaches there.
 */
import { ext, type Port } from "../shared/ext";
import { ErrorCode, type Error as WireError } from "../shared/protocol.gen";
import { CONTENT_PORT, type ContentMessage, type ContentReply } from "./wire";

type Asked = Extract<ContentMessage, { type: string }>;
type Waiting = { message: Asked; settle(reply: ContentReply): void; sent: number };
/** Omit that keeps the members of a union apart. */
type WithoutID<T> = T extends unknown ? Omit<T, "id"> : never;

/**
 * How long to wait before a request is sent again, in milliseconds: at once to a worker that died of age, later and
 * later to an event page that is just being loaded and turns ports away. After that its document is told that nobody
 * answers.
 */
const AGAIN_MS = [0, 100, 300, 1000];

export class Road {
  #port: Port | undefined;
  #count = 0;
  readonly #waiting = new Map<number, Waiting>();
  readonly #onGone: () => void;
  #pictureInPicture = false;

  /** `onGone` is called when the extension was reloaded, updated or removed: no background will ever answer. */
  constructor(onGone: () => void) {
    this.#onGone = onGone;
  }

  /** Sends a request. `done` is called once, unless {@link cancel} was called first. */
  ask(message: WithoutID<Asked>, done: (reply: ContentReply) => void): number {
    const id = ++this.#count;
    const waiting: Waiting = { message: { ...message, id } as Asked, settle: done, sent: 0 };
    this.#waiting.set(id, waiting);
    this.#send(waiting);
    return id;
  }

  cancel(id: number): void {
    if (this.#waiting.delete(id)) this.tell({ id, cancel: true });
  }

  /** Sends what needs no answer. */
  tell(message: ContentMessage): void {
    if ("pictureInPicture" in message) this.#pictureInPicture = message.pictureInPicture;
    try {
      this.#open().postMessage(message);
    } catch {
      this.#lost();
    }
  }

  /** Whether the extension is still there; where it is not, everything that waits ends. */
  check(): void {
    if (!ext.runtime?.id) this.#lost();
  }

  /**
   * The document goes, or goes to sleep in the back/forward cache: everything it asked for is off. Should it wake up
   * again, it finds its calls ended, as the browser ends them too.
   */
  close(): void {
    this.#port?.disconnect();
    this.#port = undefined;
    this.#end(canceled);
  }

  #send(waiting: Waiting): void {
    waiting.sent++;
    try {
      this.#open().postMessage(waiting.message);
    } catch {
      this.#lost();
    }
  }

  #open(): Port {
    if (this.#port) return this.#port;
    const port = ext.runtime.connect({ name: CONTENT_PORT });
    this.#port = port;
    port.onMessage.addListener((reply: ContentReply) => {
      const waiting = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      waiting?.settle(reply);
    });
    port.onDisconnect.addListener(() => {
      if (this.#port !== port) return;
      this.#port = undefined;
      this.#again();
    });
    port.postMessage({ hello: { origin: window.origin } } satisfies ContentMessage);
    return port;
  }

  /** The worker died: what waits is sent to the next one, which this wakes. */
  #again(): void {
    if (this.#pictureInPicture) this.tell({ pictureInPicture: true });
    for (const [id, waiting] of [...this.#waiting]) {
      const wait = AGAIN_MS[waiting.sent - 1];
      if (wait === undefined) {
        this.#waiting.delete(id);
        waiting.settle({ id, error: gone });
      } else if (wait === 0) this.#send(waiting);
      else setTimeout(() => this.#waiting.has(id) && this.#send(waiting), wait);
    }
    // Find out now whether the extension is still there, so that the next call need not.
    this.check();
  }

  #lost(): void {
    this.#port = undefined;
    this.#end(gone);
    this.#onGone();
  }

  #end(error: WireError): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const [id, w] of waiting) w.settle({ id, error });
  }
}

const gone: WireError = { code: ErrorCode["agent-gone"], name: "agent-gone", message: "the extension went away" };

const canceled: WireError = {
  code: ErrorCode.canceled,
  name: "canceled",
  message: "The document was left before the request was answered.",
};
