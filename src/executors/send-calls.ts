import type { Envelope } from '../calls/call';
import type { Callable } from '../calls/callable';
import { describeValue } from '../calls/cloneable';
import { NotCloneableError } from '../calls/errors';
import type { Frame, Known, SentCall } from '../calls/frames';
import { messageOf } from '../calls/message-of';
import { refusalOf } from '../calls/payload';
import { practise } from '../calls/practise';
import { clone } from '../calls/clone';
import type { FrameWriter } from './frame-writer';
import type { RefusedCall } from './link';

/** What of a call a boundary may refuse. */
interface RefusedData {
  readonly callable: Callable;
  readonly envelope: Pick<Envelope, 'args' | 'receiver'>;
}

/** What a link has to carry calls. */
export interface Carrier {
  /** Sends calls from `begin` on, as long as they are small; returns the index of the first that is not. */
  sendSmall(calls: readonly SentCall[], begin: number, known: Known): number;
  /** Sends a call's frame. @throws what the boundary says of a value that it cannot carry */
  sendFrame(frame: Frame, call: SentCall): void;
}

practise();

const none: readonly RefusedCall[] = [];

/** Sends calls in their order: small ones in a compact code, the others in frames. Returns the refused ones. */
export function sendCalls(
  calls: readonly SentCall[],
  writer: FrameWriter,
  carrier: Carrier,
): readonly RefusedCall[] {
  let refused: RefusedCall[] | undefined;
  const { known } = writer;
  for (
    let index = carrier.sendSmall(calls, 0, known);
    index < calls.length;
    index = carrier.sendSmall(calls, index + 1, known)
  ) {
    const call = calls[index];
    try {
      carrier.sendFrame(writer.callFrame(call), call);
    } catch (error) {
      writer.forget(call);
      (refused ??= []).push({ call, error: explainRefusal(call, error) });
    }
  }
  return refused ?? none;
}

/** Finds what the boundary refused, by trying each alone. */
export function explainRefusal({ callable: { name }, envelope }: RefusedData, cause: unknown): unknown {
  const args = envelope.args.value as unknown[];
  const found = refusalOf(cause, args, { root: 'arguments' });
  if (found instanceof NotCloneableError)
    return new NotCloneableError(`${name}: ${found.message}`, found.path, { cause });
  const [path, what] = refusedPart(args, envelope.receiver);
  const why = messageOf(cause).replace(/\.$/, '');
  return new NotCloneableError(`${name}: ${what}, which cannot be copied to a worker: ${why}.`, path, {
    cause,
  });
}

function refusedPart(args: readonly unknown[], receiver: unknown): [path: string, what: string] {
  const index = args.findIndex((arg) => !canBeCloned(arg));
  const path = `arguments[${index}]`;
  if (index >= 0) return [path, `${path} is ${describeValue(args[index])}`];
  if (!canBeCloned(receiver)) return ['this', 'this is a field of the receiver'];
  return ['arguments', 'a part of its arguments is to be moved'];
}

function canBeCloned(value: unknown): boolean {
  try {
    clone(value);
    return true;
  } catch {
    return false;
  }
}
