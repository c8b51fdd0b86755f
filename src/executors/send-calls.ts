import type { Frame, Known, SentCall } from '../calls/frames';
import { practise } from '../calls/practise';
import { explainRefusal } from './explain-refusal';
import type { FrameWriter } from './frame-writer';
import type { RefusedCall } from './link';

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
