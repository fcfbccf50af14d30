/**
 * The line to the native host: one connectNative port, opened when something is asked and opened again after it broke.
 * The first frame says whose profile's agent is wanted. After each "agent.hello" (the agent's greeting, also after it restarted) a session is signed before anything else
 * goes out; what is asked meanwhile waits for it.
 */
import { ext, HOST_NAME, type Port } from "../shared/ext";
import {
  type AgentHello,
  type BridgeProfile,
  ErrorCode,
  type ErrorName,
  type Frame,
  PROTOCOL_VERSION,
  type Sender,
  type SessionResult,
  type Status,
  type Error as WireError,
} from "../shared/protocol.gen";
import type { ConnectionState } from "../shared/wire";
import { Assembler, split } from "./chunks";
import { letIn, neverLetIn, sessionRequest } from "./keys";
import { chosenProfile, storeProfile } from "./profile";

type Pending = { frame: Frame; resolve(body: unknown): void; reject(error: WireError): void };

/** A request that can be cancelled. The promise rejects with the host's {@link WireError}. */
export interface Asked {
  answer: Promise<unknown>;
  cancel(): void;
}

/** How long the agent may take to greet: it may have to be started first. */
const GREETING_MS = 15_000;

export class Host {
  #port: Port | undefined;
  #assembler = new Assembler();
  #state: ConnectionState | undefined;
  #count = 0;
  #greeting: ReturnType<typeof setTimeout> | undefined;
  #hello: AgentHello | undefined; // the newest: only its nonce is worth signing
  #asking = false;
  readonly #prefix = crypto.randomUUID().slice(0, 8);
  readonly #pending = new Map<string, Pending>();
  #queue: Frame[] = [];
  readonly #stateListeners: ((state: ConnectionState) => void)[] = [];
  readonly #eventListeners: ((name: string, body: unknown) => void)[] = [];

  /** How things stand; undefined before anybody asked. */
  get state(): ConnectionState | undefined {
    return this.#state;
  }

  onState(fn: (state: ConnectionState) => void): void {
    this.#stateListeners.push(fn);
  }

  onEvent(fn: (name: string, body: unknown) => void): void {
    this.#eventListeners.push(fn);
  }

  /** Connects where nothing is connected, and resolves when it is known how things stand. */
  settled(): Promise<ConnectionState> {
    this.#connect();
    return new Promise(resolve => {
      const look = (state: ConnectionState) => {
        if (state.kind === "connecting") return;
        this.#stateListeners.splice(this.#stateListeners.indexOf(look), 1);
        resolve(state);
      };
      this.#stateListeners.push(look);
      if (this.#state) look(this.#state);
    });
  }

  /** Asks on behalf of a sender. */
  ask(type: string, body: unknown, sender: Sender): Asked {
    const id = `${this.#prefix}-${++this.#count}`;
    const frame: Frame = { id, type, sender, body };
    const answer = new Promise<unknown>((resolve, reject) => this.#pending.set(id, { frame, resolve, reject }));
    this.#connect();
    if (this.#state?.kind === "ok") this.#post(frame);
    else this.#queue.push(frame);
    return { answer, cancel: () => this.#cancel(id) };
  }

  #cancel(id: string): void {
    const pending = this.#pending.get(id);
    if (!pending) return;
    if (this.#queue.includes(pending.frame)) {
      this.#queue = this.#queue.filter(f => f !== pending.frame);
      this.#settle(id, { error: wireError("canceled", "The request was cancelled before it was sent.") });
    } else {
      this.#post({ id, cancel: true });
    }
  }

  #connect(): void {
    if (this.#port) return;
    this.#assembler = new Assembler();
    this.#setState({ kind: "connecting" });
    const port = ext.runtime.connectNative(HOST_NAME);
    this.#port = port;
    port.onMessage.addListener((frame: Frame) => this.#receive(port, frame));
    port.onDisconnect.addListener(p => {
      const { error } = p as { error?: { message?: string } };
      const message = error?.message ?? ext.runtime.lastError?.message ?? "The native host ended.";
      if (this.#port === port) this.#down(fromDisconnect(message));
    });
    void this.#choose(port);
    this.#greeting = setTimeout(() => {
      port.disconnect();
      if (this.#port === port) this.#down({ kind: "failed", message: "The native host did not answer." });
    }, GREETING_MS);
  }

  /** Tells the bridge, before anything else goes out, whose agent is wanted. */
  async #choose(port: Port): Promise<void> {
    const body: BridgeProfile = { profile: await chosenProfile() };
    if (this.#port !== port) return;
    this.#post({
      id: `${this.#prefix}-${++this.#count}`,
      type: "bridge.profile",
      sender: { kind: "background" },
      body,
    });
  }

  /** Leaves the agent for that of another profile. Whoever waits for an answer learns that it is gone. */
  async useProfile(name: string): Promise<void> {
    await storeProfile(name);
    const port = this.#port;
    this.#state = undefined; // what was said of the other profile says nothing of this one
    this.#down({ kind: "connecting" });
    port?.disconnect();
    this.#connect();
  }

  /** The port is gone, or of no use: everything that waits learns so, and the next request tries anew. */
  #down(state: ConnectionState): void {
    clearTimeout(this.#greeting);
    this.#port = undefined;
    this.#queue = [];
    const lost = [...this.#pending.keys()];
    // A host that said why it goes is not overruled by the end of its port.
    const said = this.#state;
    this.#setState(said && said.kind !== "ok" && said.kind !== "connecting" ? said : state);
    const error = asError(this.#state as ConnectionState);
    for (const id of lost) this.#settle(id, { error });
  }

  #receive(port: Port, wire: Frame): void {
    if (this.#port !== port) return;
    let frame: Frame | undefined;
    try {
      frame = this.#assembler.accept(wire);
    } catch (e) {
      port.disconnect();
      this.#down({ kind: "failed", message: `The native host broke the protocol: ${(e as Error).message}.` });
      return;
    }
    if (!frame) return;
    if (frame.event === "agent.hello") void this.#greet(port, frame.body as AgentHello);
    else if (frame.event === "bridge.error") this.#refused(frame.error);
    else if (frame.event) for (const fn of this.#eventListeners) fn(frame.event, frame.body);
    else if (frame.id && frame.error) this.#settle(frame.id, { error: frame.error });
    else if (frame.id && frame.re) this.#settle(frame.id, { body: frame.body });
    if (frame.event === "status.changed") this.#setStatus(frame.body as Status);
  }

  async #greet(port: Port, hello: AgentHello): Promise<void> {
    const profile = await chosenProfile();
    // The greeting of the default profile's agent may cross our choice of another.
    if (this.#port !== port || hello.status.profile !== profile) return;
    this.#hello = hello;
    clearTimeout(this.#greeting);
    this.#setState({ kind: "connecting" });
    try {
      const signed = await this.#sign(port, hello, profile);
      if (!signed) return;
      this.#setState({ kind: "ok", hello, ...signed, test: hello.test === true });
      const queue = this.#queue;
      this.#queue = [];
      for (const frame of queue) this.#post(frame);
    } catch (e) {
      if (this.#port !== port) return;
      const { code, message } = e as WireError;
      const state: ConnectionState =
        code === ErrorCode.version
          ? { kind: "too-old", update: hello.protocol > PROTOCOL_VERSION ? "extension" : "host", message }
          : { kind: "failed", message };
      port.disconnect();
      this.#setState(state);
      this.#down(state);
    }
  }

  /**
   * Signs the session and learns whether this browser is let in; undefined when port or agent are others by then. A key that no
   * agent ever let in is not let in by a locked vault either, which can't tell: so that the person is asked once, for
   * both, instead of for the passphrase and then for the passphrase again.
   */
  async #sign(
    port: Port,
    hello: AgentHello,
    profile: string,
  ): Promise<{ status: Status; paired: "yes" | "no" | "unknown" } | undefined> {
    const body = await sessionRequest(hello.nonce, profile);
    if (this.#port !== port || this.#hello !== hello) return;
    const id = `${this.#prefix}-${++this.#count}`;
    const answer = new Promise<unknown>((resolve, reject) => this.#pending.set(id, { frame: { id }, resolve, reject }));
    this.#post({ id, type: "session", sender: { kind: "background" }, body });
    const { paired, status } = (await answer) as SessionResult;
    if (paired === "yes") await letIn(profile);
    const stranger = paired === "unknown" && status.vault === "locked" && (await neverLetIn(profile));
    if (this.#port !== port || this.#hello !== hello) return;
    return { status, paired: stranger ? "no" : (paired as "yes" | "no" | "unknown") };
  }

  /** The vault was opened, by whomever: now the agent can say whether this browser is let in. */
  async #askPaired(): Promise<void> {
    const port = this.#port;
    if (this.#asking || !port || this.#state?.kind !== "ok") return;
    this.#asking = true;
    try {
      const { hello } = this.#state;
      const signed = await this.#sign(port, hello, hello.status.profile);
      if (signed && this.#state?.kind === "ok" && this.#state.hello === hello) this.setPaired(signed.paired);
    } catch {
      // The port is gone, or the agent will not say: it is asked again by the next greeting or opening.
    } finally {
      this.#asking = false;
    }
  }

  #refused(error: WireError | undefined): void {
    const message = error?.message ?? "The native host refused this extension.";
    if (error?.code === ErrorCode["unknown-caller"]) this.#setState({ kind: "unknown-caller", message });
    else if (error?.code === ErrorCode["no-profile"]) this.#setState({ kind: "no-profile", message });
    else if (error?.code === ErrorCode.version) this.#setState({ kind: "too-old", update: "host", message });
    else this.#setState({ kind: "failed", message });
  }

  #setStatus(status: Status): void {
    if (this.#state?.kind !== "ok") return;
    const opened = status.vault === "unlocked" && this.#state.status.vault !== "unlocked";
    this.#setState({ ...this.#state, status });
    if (opened && this.#state.paired !== "yes") void this.#askPaired();
  }

  /** After a pairing: the agent says so in its answer, not by an event. */
  setPaired(paired: "yes" | "no" | "unknown"): void {
    if (this.#state?.kind !== "ok" || this.#state.paired === paired) return;
    if (paired === "yes") letIn(this.#state.hello.status.profile).catch(e => console.warn("Keyferry:", e));
    this.#setState({ ...this.#state, paired });
  }

  #setState(state: ConnectionState): void {
    this.#state = state;
    for (const fn of [...this.#stateListeners]) fn(state);
  }

  #post(frame: Frame): void {
    try {
      for (const wire of split(frame)) this.#port?.postMessage(wire);
    } catch (e) {
      if (frame.id) this.#settle(frame.id, { error: wireError("too-large", (e as Error).message) });
    }
  }

  #settle(id: string, result: { body: unknown } | { error: WireError }): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (!pending) return;
    if ("error" in result) pending.reject(result.error);
    else pending.resolve(result.body);
  }
}

/** What the browser says when it can't start a host, or the host ended (texts measured in both). */
function fromDisconnect(message: string): ConnectionState {
  if (/not found|No such native application/i.test(message)) return { kind: "host-missing", message };
  if (/forbidden|does not have permission/i.test(message)) return { kind: "unknown-caller", message };
  return { kind: "failed", message };
}

/** The error that requests get while things stand so. */
function asError(state: ConnectionState): WireError {
  const message = "message" in state ? state.message : "The connection to Keyferry's agent was lost. Try again.";
  if (state.kind === "host-missing") return wireError("host-missing", message);
  if (state.kind === "too-old") return wireError("version", message);
  if (state.kind === "unknown-caller") return wireError("unknown-caller", message);
  if (state.kind === "no-profile") return wireError("no-profile", message);
  return wireError("agent-gone", message);
}

/** An error of the extension's own, with a code that the host knows too. */
export function wireError(name: ErrorName, message: string): WireError {
  return { code: ErrorCode[name], name, message };
}
