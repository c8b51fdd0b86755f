import { types } from 'node:util';

/** Under a test runner, Node.js has a realm of its own: what it makes, DOMExceptions too, comes of this. */
const ofNode = Object.getPrototypeOf(DOMException.prototype) as object;

/** Not all that Node.js makes are native errors: those that have ended a thread are copies without. */
export function isError(value: unknown): value is Error {
  if (types.isNativeError(value) || value instanceof Error) return true;
  return Object.prototype.isPrototypeOf.call(ofNode, value as object);
}
