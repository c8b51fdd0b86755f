import { describeValue } from './cloneable';
import { isError, readProperty } from './error-codec';
import { messageOf } from './message-of';

/** So many causes are kept. */
const MOST_CAUSES = 8;

/**
 * What any boundary carries of a thrown value. An error keeps its class, message, stack, causes, and the fields that
 * are primitives; for each other field stands a note. Of any other value only what it is can be told.
 */
export function bareError(thrown: unknown): Error {
  try {
    if (isError(thrown)) return bare(thrown, MOST_CAUSES);
  } catch {
    // A proxy, whose traps throw.
  }
  return new Error(`it threw a value that cannot be copied: ${messageOf(thrown)}`);
}

function bare(error: Error, causesLeft: number): Error {
  const copy = Object.create(Object.getPrototypeOf(error) as object) as Error;
  for (const key of new Set(['name', 'message', 'stack', ...Object.keys(error)])) {
    Object.defineProperty(copy, key, {
      value: noted(readProperty(error, key)),
      enumerable: true,
      configurable: true,
    });
  }
  if (Object.hasOwn(error, 'cause')) {
    const cause = readProperty(error, 'cause');
    const kept = isError(cause) && causesLeft > 0 ? bare(cause, causesLeft - 1) : noted(cause);
    Object.defineProperty(copy, 'cause', { value: kept });
  }
  return copy;
}

function noted(value: unknown): unknown {
  const isPrimitive = value === null || !['object', 'function', 'symbol'].includes(typeof value);
  return isPrimitive ? value : `[not cloneable: ${describeValue(value)}]`;
}
