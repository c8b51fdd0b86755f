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
    const kind = patches?.find(([path]) => path.length === 0)?.[1];
    if (kind === 'error') return standIn(value as ErrorData, cause);
    // One that wrote itself has beside it what any error has.
    const data = kind === 'from-portable' ? (value as [unknown, ErrorData?])[1] : undefined;
    return data ? standIn(data, cause) : cause;
  }
}

function standIn({ base, name, message, stack }: ErrorData, cause: unknown): Error {
  const data = { base, name, message, stack, cause };
  const error = allocateError(data);
  fillError(error, data);
  return error;
}
