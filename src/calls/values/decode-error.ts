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
    try {
      const data = dataOf(value, patches);
      return data ? standIn(data, cause) : cause;
    } catch {
      // What came is no payload at all.
      return cause;
    }
  }
}

function dataOf(value: unknown, patches: readonly Patch[] | undefined): ErrorData | undefined {
  const kind = patches?.find(([path]) => path.length === 0)?.[1];
  if (kind === 'error') return value as ErrorData;
  // An error that wrote itself has beside it what any error has.
  return kind === 'from-portable' ? (value as [unknown, ErrorData?])[1] : undefined;
}

function standIn({ base, name, message, stack }: ErrorData, cause: unknown): Error {
  const data = { base, name, message, stack, hidden: { cause } };
  const error = allocateError(data);
  fillError(error, data);
  return error;
}
