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
  let refused = none;
  let unsent = 0;
  const sendFrame = (end: number): void => {
    if (unsent < end) refused = [...refused, ...sendFramed(calls.slice(unsent, end), writer, carrier)];
    unsent = end;
  };
  for (let index = 0; index < calls.length; index++) {
    const { id, callable, envelope } = calls[index];
    const { args, receiver } = envelope;
    if (args.patches || args.transfer || receiver || !writer.knows(callable)) continue;
    sendFrame(index);
    if (carrier.sendSmall(id, callable.index, args.value as unknown[])) unsent = index + 1;
  }
  sendFrame(calls.length);
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
