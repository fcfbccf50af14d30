/**
 * The isolated end of the private channel: offers a MessagePort to the page-world script (../page/channel.ts says how
 * and why), and takes its requests, each on a port of its own. Everything that arrives is a page's word: it is checked
 * for its shape here and believed about nothing.
 */
import { ASK, OFFER, type RequestMessage, type RequestReply, type RootMessage, type RootReply } from "../page/wire";

/** The longest options that a page may pass, in characters of JSON. A real one has a few thousand. */
const MAX_OPTIONS = 1 << 20;

/** One request of the page's. */
export interface PageRequest {
  message: RootMessage;
  reply(reply: RequestReply): void;
  onMessage(fn: (message: RequestMessage) => void): void;
  close(): void;
}

/**
 * Offers the port. `onRequest` is called for each well-formed request, `onPulse` whenever a waiting page makes sure that
 * somebody is there: Chromium tells a content script by no event that its extension was reloaded.
 */
export function offerChannel(onRequest: (request: PageRequest) => void, onPulse: () => void): { gone(): void } {
  const { port1, port2 } = new MessageChannel();
  const offer = () => {
    const taken = !window.dispatchEvent(new MessageEvent(OFFER, { cancelable: true, ports: [port2] }));
    if (taken) withdraw();
  };
  // After the page's own scripts have begun nobody but they could ask.
  const withdraw = () => {
    window.removeEventListener(ASK, offer, true);
    document.removeEventListener("DOMContentLoaded", withdraw, true);
  };
  window.addEventListener(ASK, offer, true);
  document.addEventListener("DOMContentLoaded", withdraw, true);
  offer();

  port1.onmessage = event => {
    const port = event.ports[0];
    const message = readRoot(event.data);
    if (port && message) onRequest(pageRequest(message, port, onPulse));
    else port?.close();
  };
  return { gone: () => port1.postMessage({ gone: true } satisfies RootReply) };
}

function readRoot(data: unknown): RootMessage | undefined {
  const { kind, options, mediation } = (data ?? {}) as Record<string, unknown>;
  if (kind === "facts") return { kind };
  if (kind !== "create" && kind !== "get") return undefined;
  if (typeof options !== "string" || options.length > MAX_OPTIONS) return undefined;
  if (mediation !== "" && mediation !== "optional" && mediation !== "required") return undefined;
  return { kind, options, mediation };
}

function pageRequest(message: RootMessage, port: MessagePort, onPulse: () => void): PageRequest {
  let listener: (message: RequestMessage) => void = () => {};
  port.onmessage = ({ data }) => {
    const m = data as Record<string, unknown>;
    if (m?.ping === true) {
      port.postMessage({ pong: true } satisfies RequestReply);
      onPulse();
    } else if (m?.abort === true) listener({ abort: true });
    else if (m?.delivered === true) listener({ delivered: true });
  };
  return {
    message,
    reply: reply => port.postMessage(reply),
    onMessage: fn => {
      listener = fn;
    },
    close: () => port.close(),
  };
}
