/**
 * navigator.credentials.create() and get(): which calls go to Keyferry, and what becomes of the answer. Whatever is
 * not plainly a call for us goes to the browser with the page's own arguments, in the page's own call.
 */
import type { Channel, Request } from "./channel";
import { prepareCredentials, wrap } from "./credential";
import { argumentError, askBrowser, type Call, type Kind, type NativeCall } from "./native";
import { optionsJSON } from "./options";
import {
  addListener,
  apply,
  copyBytes,
  defineProperty,
  forget,
  getOwnPropertyDescriptor,
  hasFocus,
  later,
  now,
  PageDOMException,
  PageError,
  PagePromise,
  parse,
  removeListener,
  signalAborted,
  signalReason,
} from "./primitives";
import { snapshot } from "./snapshot";
import type { Mediation, RequestReply } from "./wire";

type Result = {
  outcome: string;
  credential?: unknown;
  error?: { name: string; message: string };
};

/** A call with any of these besides `publicKey` is about other credentials as well, or asks for a UI of the browser's. */
const OTHERS = ["password", "federated", "identity", "otp", "digital", "unmediated", "uiMode"] as const;

/** Longest wait of all: the agent ends ceremonies in time; this is for an agent that hangs. */
const LONGEST_MS = 11 * 60_000;

/** Replaces create and get on the prototype, so that the container keeps its identity and everything else of it. */
export function interceptCredentials(channel: Channel, container: CredentialsContainer): void {
  const makeCredential = prepareCredentials();
  const proto = CredentialsContainer.prototype;

  for (const kind of ["create", "get"] as const) {
    const found = getOwnPropertyDescriptor(proto, kind);
    if (typeof found?.value !== "function") continue;
    const value = wrap(found.value as NativeCall, (native, receiver, args) => {
      const call = channel.alive && receiver === container ? readCall(kind, native, receiver, args[0]) : undefined;
      return call ? serve(call) : apply(native, receiver, args);
    });
    defineProperty(proto, kind, { ...found, value });
  }

  async function serve(call: Call): Promise<Credential | null> {
    const hadFocus = hasFocus();
    let json: string | undefined;
    try {
      json = optionsJSON(call.kind, call.options.publicKey);
    } catch {
      // Malformed, or a rarity such as a Set for a sequence: both are the browser's.
    }
    const malformed = await argumentError(call);
    if (malformed) throw malformed.error;
    if (json === undefined) return askBrowser(call, false);
    if (call.kind === "create") checkUserID(call);

    const result = await fromHost(call, json);
    if (result === "browser") return askBrowser(call, hadFocus);
    const { reply, request } = result;
    if (reply.outcome === "credential") {
      const credential = makeCredential(call.kind, reply.credential as string);
      // The page's promise is resolved by this return; the job that confirms it comes after it.
      later(() => {
        request.send({ delivered: true });
        later(request.close, 1000);
      }, 0);
      return credential;
    }
    request.close();
    if (reply.outcome === "error" && reply.error) throw toError(reply.error);
    return askBrowser(call, hadFocus);
  }

  type Served = { reply: Result; request: Request };

  function fromHost(call: Call, json: string): Promise<Served | "browser"> {
    return new PagePromise((resolve, reject) => {
      const signal = call.options.signal;
      const mediation = (call.options.mediation ?? "") as Mediation;
      let timer = 0;
      const settle = () => {
        forget(timer);
        if (signal) removeListener(signal, "abort", aborted);
      };
      const aborted = () => {
        settle();
        request.send({ abort: true });
        request.close();
        reject(signalReason(signal));
      };
      const request = channel.open({ kind: call.kind, options: json, mediation }, (reply: RequestReply | "gone") => {
        if (reply === "gone") {
          settle();
          resolve("browser");
        } else if ("result" in reply) {
          settle();
          // null prototype: resolving looks for `then`, also on Object.prototype
          resolve({ __proto__: null, reply: readResult(reply.result), request } as unknown as Served);
        }
      });
      timer = later(() => {
        settle();
        request.send({ abort: true });
        request.close();
        reject(new PageDOMException("The operation timed out.", "NotAllowedError"));
      }, LONGEST_MS);
      if (signal) {
        if (signalAborted(signal)) aborted();
        else addListener(signal, "abort", aborted);
      }
    });
  }
}

/** Reads the page's call once. Undefined: not ours, the browser gets it as it is. */
function readCall(kind: Kind, native: NativeCall, receiver: unknown, given: unknown): Call | undefined {
  if (typeof given !== "object" || given === null) return undefined;
  try {
    const options = given as Record<string, unknown>;
    const publicKey = options.publicKey;
    if (typeof publicKey !== "object" || publicKey === null) return undefined;
    for (let i = 0; i < OTHERS.length; i++) if (options[OTHERS[i] as string] !== undefined) return undefined;
    const { mediation, signal } = options;
    // Conditional, silent and immediate calls are the browser's for now; so is whatever mediation comes next.
    if (mediation !== undefined && mediation !== "optional" && mediation !== "required") return undefined;
    // Already aborted, or no AbortSignal at all (the saved getter throws): the browser says what it says.
    if (signal !== undefined && signalAborted(signal)) return undefined;
    const read: Call["options"] = { publicKey: snapshot(publicKey) };
    if (mediation !== undefined) read.mediation = mediation;
    if (signal !== undefined) read.signal = signal;
    return { kind, native, receiver, options: read, startedAt: now() };
  } catch {
    return undefined; // a getter of the page's threw: it will throw again, at the browser
  }
}

/** WebAuthn §5.1.3 step 3: the browsers check this after the abort signal, so their argument check does not. */
function checkUserID(call: Call): void {
  const id = (call.options.publicKey as { user?: { id?: unknown } }).user?.id;
  const bytes = copyBytes(id);
  if (bytes && (bytes[0] === undefined || bytes[64] !== undefined))
    throw new PageError("user.id must be between 1 and 64 bytes long.");
}

/** The host's answer; the credential stays JSON text until it is made. */
function readResult(text: string): Result {
  const { result, credential } = parse(text) as { result: Result; credential?: string };
  if (credential !== undefined) result.credential = credential;
  return result;
}

function toError({ name, message }: { name: string; message: string }): unknown {
  return name === "TypeError" ? new PageError(message) : new PageDOMException(message, name);
}
