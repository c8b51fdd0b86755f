import { describeValue } from '../calls/cloneable';
import { NotCloneableError } from '../calls/errors';
import type { Frame } from '../calls/frames';
import type { FrameWriter } from './frame-writer';
import type { RefusedCall, SentCall } from './link';

/** What a link has to carry calls. */
export interface Carrier {
  /** Sends a call whose arguments are all that travels; false when they are not few and small. */
  sendSmall(id: number, callable: number, args: readonly unknown[]): boolean;
  /** Sends a frame. @throws what the boundary says of a value that it cannot carry */
  sendFrame(frame: Frame, calls: readonly SentCall[]): void;
}

const none: readonly RefusedCall[] = [];

/** Sends calls in their order: small ones in a compact code, the others in frames. Returns the refused ones. */
export function sendCalls(
  calls: readonly SentCall[],
  writer: FrameWriter,
  carrier: Carrier,
): readonly RefusedCall[] {
  const sent = sendSmall(calls, 0, writer, carrier);
  if (sent === calls.length) return none;
  const refused: RefusedCall[] = [];
  for (let begin = sent; begin < calls.length;) {
    let end = begin + 1;
    while (end < calls.length && !mayBeSmall(calls[end], writer)) end++;
    refused.push(...sendFramed(calls.slice(begin, end), writer, carrier));
    begin = sendSmall(calls, end, writer, carrier);
  }
  return refused;
}

/** Sends small calls from `begin` on; returns the index of the first that is not small. */
function sendSmall(calls: readonly SentCall[], begin: number, writer: FrameWriter, carrier: Carrier): number {
  for (let index = begin; index < calls.length; index++) {
    const call = calls[index];
    const args = call.envelope.args.value as readonly unknown[];
    if (!mayBeSmall(call, writer) || !carrier.sendSmall(call.id, call.callable.index, args)) return index;
  }
  return calls.length;
}

/** True when its arguments are all that travels. */
function mayBeSmall({ callable, envelope: { args, receiver } }: SentCall, writer: FrameWriter): boolean {
  return !args.patches && !args.transfer && !receiver && writer.knows(callable);
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
