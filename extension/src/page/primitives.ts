/**
 * Every function that the page-world script uses, saved before the page's first script can replace any of them, and
 * called through a saved `Reflect.apply`. A plain `port.postMessage(…)` would hand the port to a page that hooked
 * `MessagePort.prototype.postMessage`.
 *
 * What the language does by itself is hookable too, so code in this folder has no `for … of`, no spread of arrays into
 * calls, no array destructuring (all use `Array.prototype[Symbol.iterator]`) and no `.then` (use `await`).
 */
// biome-ignore-all lint/suspicious/noExplicitAny: functions of any shape pass through here

export const { apply, defineProperty, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
export const { create: createObject, freeze, keys: objectKeys } = Object;
export const { isArray } = Array;
export const { isView } = ArrayBuffer;
export const { stringify, parse } = JSON;

export const PageError = TypeError;
export const PageDOMException = globalThis.DOMException;
export const PageProxy = Proxy;
export const PagePromise = Promise;
export const PageUint8Array = Uint8Array;
export const PageEvent = Event;
export const PageMessageChannel = MessageChannel;
export const now = Date.now;
export const { max } = Math;

/** The prototype method or getter as a function that takes its receiver first. */
function uncurried(fn: (...args: any[]) => any): (self: unknown, ...args: any[]) => any {
  return (self, ...args) => apply(fn, self, args);
}

/** A string whose lone surrogates have become U+FFFD, as the browser's own implementation makes them. */
export const wellFormed = uncurried((String.prototype as unknown as { toWellFormed: () => string }).toWellFormed) as (
  text: string,
) => string;

/** A saved getter of `proto`'s; for a member this browser does not have, one that answers undefined. */
export function getter(proto: object, name: PropertyKey): (self: unknown) => any {
  const get = getOwnPropertyDescriptor(proto, name)?.get;
  return get ? uncurried(get) : () => undefined;
}

function setter(proto: object, name: PropertyKey): (self: unknown, value: unknown) => void {
  const set = getOwnPropertyDescriptor(proto, name)?.set;
  if (!set) throw new TypeError(`no setter ${String(name)}`);
  return uncurried(set);
}

export const addListener = uncurried(EventTarget.prototype.addEventListener);
export const removeListener = uncurried(EventTarget.prototype.removeEventListener);
export const dispatch = uncurried(EventTarget.prototype.dispatchEvent);
export const preventDefault = uncurried(Event.prototype.preventDefault);
export const stopImmediatePropagation = uncurried(Event.prototype.stopImmediatePropagation);
export const eventData = getter(MessageEvent.prototype, "data");
export const eventPorts = getter(MessageEvent.prototype, "ports");

export const channelPort1 = getter(MessageChannel.prototype, "port1");
export const channelPort2 = getter(MessageChannel.prototype, "port2");
export const post = uncurried(MessagePort.prototype.postMessage);
export const closePort = uncurried(MessagePort.prototype.close);
export const onPortMessage = setter(MessagePort.prototype, "onmessage");

export const signalAborted = getter(AbortSignal.prototype, "aborted");
export const signalReason = getter(AbortSignal.prototype, "reason");

const windowSetTimeout = globalThis.setTimeout;
const windowClearTimeout = globalThis.clearTimeout;
export const later = (fn: () => void, ms: number): number => apply(windowSetTimeout, globalThis, [fn, ms]) as number;
export const forget = (timer: number): void => apply(windowClearTimeout, globalThis, [timer]);

const pageDocument = globalThis.document;
const documentHasFocus = uncurried(Document.prototype.hasFocus);
export const hasFocus = (): boolean => documentHasFocus(pageDocument);

const weakGet = uncurried(WeakMap.prototype.get);
const weakSet = uncurried(WeakMap.prototype.set);

/** A WeakMap that a page cannot look into by replacing WeakMap's methods. */
export function secretMap<V>(): { get(key: unknown): V | undefined; set(key: object, value: V): void } {
  const map = new WeakMap<object, V>();
  return { get: key => weakGet(map, key), set: (key, value) => void weakSet(map, key, value) };
}

const typedArray = getPrototypeOf(Uint8Array.prototype) as object;
const typedBuffer = getter(typedArray, "buffer");
const typedOffset = getter(typedArray, "byteOffset");
const typedLength = getter(typedArray, "byteLength");
const typedTag = getter(typedArray, Symbol.toStringTag);
const typedSet = uncurried((typedArray as Uint8Array).set);
const viewBuffer = getter(DataView.prototype, "buffer");
const viewOffset = getter(DataView.prototype, "byteOffset");
const viewLength = getter(DataView.prototype, "byteLength");
const bufferLength = getter(ArrayBuffer.prototype, "byteLength");

/** A copy of the bytes of an ArrayBuffer or a view, of whatever realm; undefined for anything else. */
export function copyBytes(value: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  let source: Uint8Array;
  if (isView(value)) {
    const typed = typedTag(value) !== undefined;
    const buffer = typed ? typedBuffer(value) : viewBuffer(value);
    const offset = typed ? typedOffset(value) : viewOffset(value);
    source = new PageUint8Array(buffer, offset, typed ? typedLength(value) : viewLength(value));
  } else {
    try {
      bufferLength(value);
    } catch {
      return undefined; // no ArrayBuffer: the getter checks what it is called on
    }
    source = new PageUint8Array(value as ArrayBuffer);
  }
  const copy = new PageUint8Array(typedLength(source));
  typedSet(copy, source);
  return copy;
}

/** The bytes' buffer. */
export const bufferOf = (bytes: Uint8Array<ArrayBuffer>): ArrayBuffer => typedBuffer(bytes);
