import { describeValue } from './describe-value';
import { defineField, defineHidden } from './define-field';
import { readProperty } from './error-codec';
import { isError } from '../is-error';
import { messageOf } from '../message-of';

/** So many causes are kept. */
const MOST_CAUSES = 8;

/**
 * What any boundary carries of a thrown value. An error keeps its class, message, stack, causes, and the fields that
 * are primitives; for each other field stands a note. Of any other value only what it is can be told.
 */
export function bareError(thrown: unknown): Error {
  return (
    bare(thrown, MOST_CAUSES) ?? new Error(`it threw a value that cannot be copied: ${messageOf(thrown)}`)
  );
}

/** Undefined for what is no error, or a proxy whose traps throw. */
function bare(thrown: unknown, causesLeft: number): Error | undefined {
  try {
    return isError(thrown) && causesLeft >= 0 ? bareCopy(thrown, causesLeft) : undefined;
  } catch {
    return undefined;
  }
}

function bareCopy(error: Error, causesLeft: number): Error {
  const copy = Object.create(Object.getPrototypeOf(error) as object) as Error;
  for (const key of new Set(['name', 'message', 'stack', ...Object.keys(error)])) {
    defineField(copy, key, noted(readProperty(error, key)));
  }
  if (Object.hasOwn(error, 'cause')) {
    const cause = readProperty(error, 'cause');
    defineHidden(copy, 'cause', bare(cause, causesLeft - 1) ?? noted(cause));
  }
  return copy;
}

function noted(value: unknown): unknown {
  const isPrimitive = value === null || !['object', 'function', 'symbol'].includes(typeof value);
  return isPrimitive ? value : `[not cloneable: ${describeValue(value)}]`;
}
