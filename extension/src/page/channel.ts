/**
 * The page-world end of the private channel. The isolated script dispatches a cancelable MessageEvent that carries a
 * real MessagePort, at once and again when asked; whichever of the two scripts runs second makes the hand-over happen,
 * and both are done before the page's first script. We take the port once, in the capture phase, and then neither
 * side listens for DOM events any more: what a page forges later reaches nobody.
 *
 * A same-origin parent can hook the globals of a frame that it makes before these scripts run. It gains nothing over
 * calling WebAuthn itself: origin and frame come from the browser, and the person's yes is given outside the page.
 */
import {
  addListener,
  channelPort1,
  channelPort2,
  closePort,
  dispatch,
  eventData,
  eventPorts,
  forget,
  later,
  onPortMessage,
  PageEvent,
  PageMessageChannel,
  post,
  preventDefault,
  removeListener,
  stopImmediatePropagation,
} from "./primitives";
import { ASK, OFFER, type RequestMessage, type RequestReply, type RootMessage, type RootReply } from "./wire";

/** How often a waiting request makes sure that the isolated script still lives (Firefox tells nobody when it dies). */
const PULSE_MS = 1500;

/** One request to the isolated script, with a port of its own. */
export interface Request {
  send(message: RequestMessage): void;
  close(): void;
}

/** What {@link Channel.open} reports: a reply, or "gone" when nobody will ever reply. */
export type OnReply = (reply: RequestReply | "gone") => void;

/** The channel to the isolated script; `alive` turns false, for good, when the extension went away. */
export interface Channel {
  readonly alive: boolean;
  open(message: RootMessage, onReply: OnReply): Request;
}

/** Takes the port that the isolated script offers. The channel is dead where none does. */
export function takeChannel(target: EventTarget): Channel {
  let root: MessagePort | undefined;
  let alive = false;
  const waiting: { [n: string]: () => void } = { __proto__: null as never };
  let count = 0;

  const die = () => {
    alive = false;
    for (const n in waiting) waiting[n]?.();
  };

  const take = (event: Event) => {
    stopImmediatePropagation(event);
    preventDefault(event);
    removeListener(target, OFFER, take, true);
    root = eventPorts(event)[0];
    if (!root) return;
    alive = true;
    onPortMessage(root, (e: MessageEvent) => {
      if ((eventData(e) as RootReply).gone) die();
    });
  };
  addListener(target, OFFER, take, true);
  dispatch(target, new PageEvent(ASK));

  return {
    get alive() {
      return alive;
    },
    open(message, onReply) {
      const n = `r${++count}`;
      const pair = new PageMessageChannel();
      const port = channelPort1(pair);
      let done = false;
      let missed = 0;
      let timer = 0;
      const end = () => {
        done = true;
        forget(timer);
        delete waiting[n];
        closePort(port);
      };
      const gone = () => {
        if (done) return;
        end();
        onReply("gone");
      };
      const pulse = () => {
        // Two in a row: after a long task of the page's own, timers may run before replies that are already here.
        if (missed >= 2) {
          die();
          return;
        }
        missed++;
        post(port, { ping: true } satisfies RequestMessage);
        timer = later(pulse, PULSE_MS);
      };
      waiting[n] = gone;
      onPortMessage(port, (e: MessageEvent) => {
        if (done) return;
        const reply = eventData(e) as RequestReply;
        missed = 0;
        if (!("pong" in reply)) onReply(reply);
      });
      post(root, message, [channelPort2(pair)]);
      pulse();
      return {
        send: m => {
          if (!done) post(port, m);
        },
        close: () => {
          if (!done) end();
        },
      };
    },
  };
}
