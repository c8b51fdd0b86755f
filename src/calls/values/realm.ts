/**
 * Test runners such as Jest run modules in a realm of their own, while what a port or the v8 codec delivers
 * belongs to the realm of Node.js: `instanceof Map` is false then. Adopting gives each part the prototype
 * of the same name of this realm.
 */
import { viewClasses } from './array-views';

const prototypes: Record<string, object> = {};
for (const each of [
  Object,
  Array,
  Map,
  Set,
  Date,
  RegExp,
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
  ArrayBuffer,
  SharedArrayBuffer,
  Boolean,
  Number,
  String,
  BigInt,
  ...viewClasses,
]) {
  prototypes[each.name] = each.prototype as object;
}

/** True when a delivered array shows that deliveries come from another realm. */
export function isForeign(delivered: unknown[]): boolean {
  return Object.getPrototypeOf(delivered) !== Array.prototype;
}

/** Adopts a delivered value, in place. */
export function adopt<T>(value: T, seen = new Set<object>()): T {
  if (typeof value !== 'object' || value === null || seen.has(value)) return value;
  seen.add(value);
  const prototype = Object.getPrototypeOf(value) as object | null;
  const home = prototype && prototypes[prototype.constructor.name];
  if (home && home !== prototype) Object.setPrototypeOf(value, home);
  if (ArrayBuffer.isView(value)) {
    adopt(value.buffer, seen);
    return value;
  }
  if (value instanceof Map) {
    for (const [key, item] of value) {
      adopt(key, seen);
      adopt(item, seen);
    }
  } else if (value instanceof Set) {
    for (const item of value) adopt(item, seen);
  } else if (value instanceof Error) {
    adopt(value.cause, seen);
  }
  for (const key of Object.keys(value)) adopt((value as Record<string, unknown>)[key], seen);
  return value;
}
