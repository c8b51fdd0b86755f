import type { Frame, Known, SentCall } from '../../calls/wire/frames';
import { practise } from '../../calls/wire/practise';
import { callRefusal } from '../../calls/refusals';
import type { FrameWriter } from './frame-writer';
import { NO_ROOM, type RefusedCall } from './link';

/** What a link has to carry calls. */
export interface Carrier {
  /** Sends calls from `begin` on, as long as they are small; returns the index of the first that is not. */
  sendSmall(calls: readonly SentCall[], begin: number, known: Known): number;
  /** False while much of what was sent waits on this side. */
  readonly hasRoom: boolean;
  /** Sends a call's frame. @throws what the boundary says of a value that it cannot carry */
  sendFrame(frame: Frame, call: SentCall): void;
}

practise();

const none: readonly RefusedCall[] = [];

/**
 * Sends calls in their order: small ones in a compact code, the others in frames, until there is no room for more.
 * Returns the refused ones, and those that wait for room: what is sent is copied, and may be large.
 */
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
    if (index > 0 && !carrier.hasRoom) {
      const unsent = calls.slice(index).map((call) => ({ call, error: NO_ROOM }));
      return refused ? [...refused, ...unsent] : unsent;
    }
    const call = calls[index];
    try {
      carrier.sendFrame(writer.callFrame(call), call);
    } catch (error) {
      writer.forget(call);
      (refused ??= []).push({ call, error: callRefusal(call, error) });
    }
  }
  return refused ?? none;
}
