import { types } from 'node:util';

/** Under a test runner, what Node.js makes is of another realm's class, and a DOMException is of nobody's own. */
export function isError(value: unknown): value is Error {
  return types.isNativeError(value) || value instanceof Error || value instanceof DOMException;
}
