import { isBare } from '../calls/call-records';
import { describeValue } from '../calls/cloneable';
import { NotCloneableError } from '../calls/errors';
import type { Frame, Known, SentCall } from '../calls/frames';
import { explainRefusal } from '../calls/payload';
import { practise } from '../calls/practise';
import type { FrameWriter } from './frame-writer';
import type { RefusedCall } from './link';

/** What a link has to carry calls. */
export interface Carrier {
  /** Sends calls from `begin` on, as long as they are small; returns the index of the first that is not. */
  sendSmall(calls: readonly SentCall[], begin: number, known: Known): number;
  /** Sends a frame. @throws what the boundary says of a value that it cannot carry */
  sendFrame(frame: Frame, calls: readonly SentCall[]): void;
}

practise();

const none: readonly RefusedCall[] = [];

/** Sends calls in their order: small ones in a compact code, the others in frames. Returns the refused ones. */
export function sendCalls(
  calls: readonly SentCall[],
  writer: FrameWriter,
  carrier: Carrier,
): readonly RefusedCall[] {
  const { known } = writer;
  let begin = carrier.sendSmall(calls, 0, known);
  if (begin === calls.length) return none;
  const refused: RefusedCall[] = [];
  while (begin < calls.length) {
    let end = begin + 1;
    while (end < calls.length && !isBare(calls[end], known)) end++;
    refused.push(...sendFramed(calls.slice(begin, end), writer, carrier));
    begin = carrier.sendSmall(calls, end, known);
  }
  return refused;
}

/**
 * Sends a frame; when the boundary refuses it, each call alone, so that only those suffer that hold what
 * cannot be copied. Returns those.
 */
function sendFramed(
  calls: readonly SentCall[],
  writer: FrameWriter,
  carrier: Carrier,
): readonly RefusedCall[] {
  try {
    carrier.sendFrame(writer.callFrame(calls), calls);
    return none;
  } catch (error) {
    writer.forget(calls);
    if (calls.length > 1) return calls.flatMap((call) => sendFramed([call], writer, carrier));
    return [{ call: calls[0], error: explain(calls[0], error) }];
  }
}

/** Finds the argument that the boundary refused, by trying each alone. */
function explain(call: SentCall, cause: unknown): unknown {
  const args = call.envelope.args.value as unknown[];
  const found = explainRefusal(cause, args, { root: 'arguments' });
  if (found instanceof NotCloneableError)
    return new NotCloneableError(`${call.callable.name}: ${found.message}`, found.path, { cause });
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
