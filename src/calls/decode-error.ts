import { allocateError, fillError, type ErrorData } from './error-codec';
import { decodePayload, type Patch } from './payload';

/**
 * Decodes what was thrown, or an abort's reason. An error that this side cannot rebuild, for it does not know its
 * class, or that of a part, is stood in for: by the nearest class that it knows, with the message and the stack, and
 * with what went wrong as the cause. Any other value is stood in for by what went wrong.
 */
export function decodeError(value: unknown, patches: readonly Patch[] | undefined): unknown {
  try {
    return decodePayload(value, patches);
  } catch (cause) {
    return patches?.[0]?.[1] === 'error' && patches[0][0].length === 0
      ? standIn(value as ErrorData, cause)
      : cause;
  }
}

function standIn({ base, name, message, stack }: ErrorData, cause: unknown): Error {
  const data = { base, name, message, stack, portable: undefined, cause };
  const error = allocateError(data);
  fillError(error, data);
  return error;
}
