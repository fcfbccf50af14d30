/**
 * What our own pages use to reach the agent: {@link ask} for a request, {@link onEvent} for what the agent says unasked,
 * {@link connectionState} for whether anybody is there. Everything goes through the background, which tells the agent
 * which page asks by the browser's own word; a page that may not ask gets a {@link HostError} "not-allowed".
 */
import { ext, type Port } from "./ext";
import { type Code, ErrorCode, type ErrorName, type Events, type Messages } from "./protocol.gen";
import { type ConnectionState, PAGE_PORT, type PageReply, type PageRequest } from "./wire";

export type { ConnectionState } from "./wire";

/** A refusal by the host or on the way to it. `message` is for people; decide by `code` or `name`. */
export class HostError extends Error {
  readonly code: Code;
  override readonly name: ErrorName | (string & {});
  constructor(code: Code, name: ErrorName | (string & {}), message: string) {
    super(message);
    this.code = code;
    this.name = name;
  }
}

type Pending = { resolve(body: unknown): void; reject(e: unknown): void };

/** The page's line to the background. It is opened when first used and again whenever the background died. */
class Line {
  #port: Port | undefined;
  #n = 0;
  readonly #pending = new Map<number, Pending>();
  readonly #events = new Set<(m: PageReply) => void>();
  connection: ConnectionState = { kind: "connecting" };
  pictureInPicture = false;

  send(make: (n: number) => PageRequest): { n: number; answer: Promise<unknown> } {
    const port = this.#open();
    const n = ++this.#n;
    const answer = new Promise<unknown>((resolve, reject) => this.#pending.set(n, { resolve, reject }));
    port.postMessage(make(n));
    return { n, answer };
  }

  cancel(n: number): void {
    this.#port?.postMessage({ n, cancel: true } satisfies PageRequest);
  }

  listen(fn: (m: PageReply) => void, signal: AbortSignal | undefined): void {
    if (signal?.aborted) return;
    this.#events.add(fn);
    signal?.addEventListener("abort", () => this.#events.delete(fn), { once: true });
    this.#open();
  }

  #open(): Port {
    if (this.#port) return this.#port;
    const port = ext.runtime.connect({ name: PAGE_PORT });
    this.#port = port;
    port.onMessage.addListener((m: PageReply) => this.#receive(m));
    port.onDisconnect.addListener(() => {
      this.#port = undefined;
      const lost = [...this.#pending.values()];
      this.#pending.clear();
      for (const p of lost)
        p.reject(new HostError(ErrorCode["agent-gone"], "agent-gone", "The background restarted. Try again."));
      // Whoever listens wants to go on listening, to the next background as well.
      if (this.#events.size > 0) setTimeout(() => this.#open(), 50);
    });
    return port;
  }

  #receive(m: PageReply): void {
    if ("connection" in m) this.connection = m.connection;
    if ("pictureInPicture" in m) this.pictureInPicture = m.pictureInPicture;
    if (!("n" in m)) {
      for (const fn of [...this.#events]) fn(m);
      return;
    }
    const p = this.#pending.get(m.n);
    this.#pending.delete(m.n);
    if ("error" in m) p?.reject(new HostError(m.error.code, m.error.name, m.error.message));
    else p?.resolve(m.body);
  }
}

const line = new Line();

/**
 * Asks the agent and waits for its answer. Aborting `signal` cancels the request at the agent too and rejects with
 * the signal's reason. There is no timeout here: a person may be typing into the agent's dialog.
 *
 * @throws {HostError} the agent's refusal, or what hindered the request from reaching it ("host-missing", "agent-gone", …).
 */
export async function ask<T extends keyof Messages>(
  type: T,
  body: Messages[T]["request"],
  signal?: AbortSignal,
): Promise<Messages[T]["answer"]> {
  signal?.throwIfAborted();
  const { n, answer } = line.send(count => ({ n: count, type, body }));
  if (!signal) return (await answer) as Messages[T]["answer"];
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener(
      "abort",
      () => {
        line.cancel(n);
        reject(signal.reason);
      },
      { once: true },
    );
  });
  return (await Promise.race([answer, aborted])) as Messages[T]["answer"];
}

/** Calls `fn` for each such event of the agent's until `signal` aborts. */
export function onEvent<E extends keyof Events>(name: E, fn: (body: Events[E]) => void, signal?: AbortSignal): void {
  line.listen(m => {
    if ("event" in m && m.event === name) fn(m.body as Events[E]);
  }, signal);
}

/** Finds out how things stand with the host, trying to connect where nothing is known yet; never answers "connecting". */
export async function connectionState(): Promise<ConnectionState> {
  return (await line.send(n => ({ n, local: "connection" })).answer) as ConnectionState;
}

/** Drops what is known about a missing or broken host and tries again. */
export async function retryConnection(): Promise<ConnectionState> {
  return (await line.send(n => ({ n, local: "retry" })).answer) as ConnectionState;
}

/** Makes this browser use another of the person's vaults from now on, and resolves when it is known how things stand there. */
export async function chooseProfile(name: string): Promise<ConnectionState> {
  return (await line.send(n => ({ n, local: "profile", name })).answer) as ConnectionState;
}

/** Calls `fn` at every change of the connection until `signal` aborts. */
export function onConnection(fn: (state: ConnectionState) => void, signal?: AbortSignal): void {
  line.listen(m => {
    if ("connection" in m) fn(m.connection);
  }, signal);
}

/**
 * Calls `fn` with whether a document picture-in-picture window is open anywhere in this browser, now and at each
 * change, until `signal` aborts. Such a window floats above ours: the approve window takes no input under it.
 */
export function onPictureInPicture(fn: (open: boolean) => void, signal?: AbortSignal): void {
  fn(line.pictureInPicture);
  line.listen(m => {
    if ("pictureInPicture" in m) fn(m.pictureInPicture);
  }, signal);
}
