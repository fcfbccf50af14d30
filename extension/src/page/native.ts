/**
 * The browser's own implementation: as the judge of a call's arguments, and as the one who serves what we don't.
 */
import {
  addListener,
  apply,
  createObject,
  hasFocus,
  later,
  max,
  now,
  PageDOMException,
  PagePromise,
  removeListener,
  signalAborted,
} from "./primitives";

export type Kind = "create" | "get";
// biome-ignore lint/suspicious/noExplicitAny: options of any shape are passed on
export type NativeCall = (options?: any) => Promise<Credential | null>;

/** What the page asked, read once while its call was on the stack. */
export interface Call {
  kind: Kind;
  native: NativeCall;
  receiver: unknown;
  /** Every member that the page passed; publicKey is a snapshot. */
  options: { publicKey: unknown; mediation?: unknown; signal?: unknown; [name: string]: unknown };
  startedAt: number;
}

/** How long a call waits for the focus to come back from our window before the browser is asked anyway. */
const FOCUS_MS = 3000;

/**
 * Lets the browser check the arguments: a call with an already aborted signal does nothing but convert them. Returns
 * undefined when they are well-formed (the call was rejected with exactly our reason), else the browser's own error.
 */
export async function argumentError(call: Call): Promise<{ error: unknown } | undefined> {
  const reason = new PageDOMException("checked", "AbortError");
  const controller = new AbortControllerAtStart();
  abort(controller, reason);
  const options = { ...call.options, signal: controllerSignal(controller) };
  try {
    await (apply(call.native, call.receiver, [options]) as Promise<unknown>);
  } catch (error) {
    return error === reason ? undefined : { error };
  }
  return undefined;
}

const AbortControllerAtStart = AbortController;
const abortMethod = AbortController.prototype.abort;
const signalGetter = Reflect.getOwnPropertyDescriptor(AbortController.prototype, "signal")?.get as () => AbortSignal;
const abort = (c: AbortController, reason: unknown): void => apply(abortMethod, c, [reason]);
const controllerSignal = (c: AbortController): AbortSignal => apply(signalGetter, c, []);

/**
 * Hands the call to the browser as the page made it, with what is left of its timeout. After a window of ours the
 * browser is asked once the focus is back here: it refuses documents without it.
 */
export async function askBrowser(call: Call, hadFocus: boolean): Promise<Credential | null> {
  if (hadFocus && !hasFocus()) await focusBack(call.options.signal);
  const passed = now() - call.startedAt;
  let options = call.options;
  const publicKey = options.publicKey as { timeout?: unknown };
  if (passed > 1000 && typeof publicKey.timeout === "number") {
    const left = publicKey.timeout - passed;
    // The inherited members stay visible: WebIDL reads a dictionary by name.
    const shorter = createObject(publicKey, { timeout: { value: max(left, 1), enumerable: true } });
    options = { ...options, publicKey: shorter };
  }
  return apply(call.native, call.receiver, [options]) as Promise<Credential | null>;
}

function focusBack(signal: unknown): Promise<void> {
  return new PagePromise(resolve => {
    const done = () => {
      removeListener(globalThis, "focus", done, true);
      resolve();
    };
    addListener(globalThis, "focus", done, true);
    if (signal && signalAborted(signal)) done();
    later(done, FOCUS_MS);
  });
}
