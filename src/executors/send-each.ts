import { describeValue } from '../calls/cloneable';
import { NotCloneableError } from '../calls/errors';
import type { SentCall } from './link';

/**
 * Sends a frame; when the boundary refuses it, each call alone, so that only those suffer that hold what
 * cannot be copied. Returns those.
 */
export function sendEach(
  calls: readonly SentCall[],
  send: (calls: readonly SentCall[]) => void,
): { call: SentCall; error: unknown }[] {
  try {
    send(calls);
    return [];
  } catch (error) {
    if (calls.length > 1) return calls.flatMap((call) => sendEach([call], send));
    return [{ call: calls[0], error: explain(calls[0], error) }];
  }
}

/** Finds the argument that the boundary refused, by trying each alone. */
function explain(call: SentCall, cause: unknown): unknown {
  const args = call.envelope.args.value as unknown[];
  const index = args.findIndex((arg) => !canBeCloned(arg));
  const path = index < 0 ? 'this' : `arguments[${index}]`;
  const what = index < 0 ? 'a field of the receiver' : describeValue(args[index]);
  return new NotCloneableError(
    `${call.callable.name}: ${path} is ${what}, which cannot be copied to a worker: ${(cause as Error).message}.`,
    path,
    { cause },
  );
}

function canBeCloned(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}
