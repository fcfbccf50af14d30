/**
 * One copy of what the page passed, taken while its call is on the stack. The browser's argument check, the request to
 * the host and a later fallback all work on the copy, so that a page (or its buffer pool) that changes the options
 * afterwards changes nothing, as with the browser's own implementation.
 */
import { copyBytes, createObject, defineProperty, getPrototypeOf, isArray, objectKeys } from "./primitives";

const MAX_DEPTH = 8;

/** Object.prototype of any realm, or null. Other objects (class instances, proxies of them) are kept as they are. */
function isPlain(value: object): boolean {
  const proto = getPrototypeOf(value);
  return proto === null || getPrototypeOf(proto) === null;
}

/** Copies plain objects, arrays and binary data; everything else is kept by reference. May throw what a getter throws. */
export function snapshot(value: unknown, depth = 0): unknown {
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return value;
  const bytes = copyBytes(value);
  if (bytes) return bytes;
  if (isArray(value)) {
    const length = value.length;
    const copy: unknown[] = [];
    for (let i = 0; i < length; i++) put(copy, i, snapshot(value[i], depth + 1));
    return copy;
  }
  if (!isPlain(value)) return value;
  const copy: Record<string, unknown> = createObject(null);
  const names = objectKeys(value);
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    copy[name] = snapshot((value as Record<string, unknown>)[name], depth + 1);
  }
  return copy;
}

/** Sets an element as an own property: plain assignment would run a setter that a page put on Array.prototype,
 * and a descriptor with a prototype would take a `get` that it put on Object.prototype. */
export function put(list: unknown[], index: number, value: unknown): void {
  const own = { __proto__: null, value, writable: true, enumerable: true, configurable: true };
  defineProperty(list, index, own as PropertyDescriptor);
}
