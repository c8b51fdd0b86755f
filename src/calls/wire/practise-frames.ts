import { once } from '../once';
import { CallsFrame, outcomeFrameToBytes, outcomeToBytes } from './frame-bytes';
import { FrameReader } from './frame-reader';
import { FrameKind, OutcomeStatus } from './frames';
import { practisedCall, practisedKnown, practisedValues } from './practise';

/** Two of them, so that the engine does not count on either. */
const readers = [
  () => new FrameReader({ onFrame: () => undefined, onOutcome: () => undefined, onCalls: () => undefined }),
  () => new FrameReader({ onFrame: () => void 0, onOutcome: () => void 0, onCalls: () => void 0 }),
];

/** Writes and reads frames of small calls and outcomes, in one piece and in two. */
export const practiseFrames = once(() => {
  const calls = new CallsFrame();
  for (const make of readers) {
    const reader = make();
    const push = (pieces: readonly Uint8Array[] = []): void => {
      const bytes = Buffer.concat(pieces);
      for (const middle of [0, bytes.length >> 1]) {
        reader.push(bytes.subarray(0, middle));
        reader.push(bytes.subarray(middle));
      }
    };
    for (const value of practisedValues) {
      push(outcomeToBytes(1, value, 0));
      push(outcomeFrameToBytes([FrameKind.outcome, 1, OutcomeStatus.rejected, value, [], 0]));
      calls.add([practisedCall(value)], 0, practisedKnown);
      push(calls.take(false).own);
    }
  }
});
