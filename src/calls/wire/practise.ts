import { once } from '../once';
import { CallRecords } from './call-records';
import type { ReceivedCall, SentCall } from './frames';
import { OutcomeRecords } from './outcome-records';
import { RecordRing } from './record-ring';

/** Two of them, so that the engine does not count on either. */
const takeFramed: readonly (() => ReceivedCall | undefined)[] = [() => undefined, () => void 0];

/** So often that the engine takes notice. */
const TURNS = 8;
/** Rings as large as those of a thread would stay in its memory. */
const WORDS = 4 * 1024;
export const practisedValues = [undefined, null, true, false, 0, 1, 0.5, 1 << 30, 'text'];
export const practisedKnown = { callables: new Set([0]), receivers: new Map<never, number>() };

const ringOf = (words: number): SharedArrayBuffer => new SharedArrayBuffer(RecordRing.bytes(words));

/**
 * Writes and reads calls and outcomes with small values of all kinds. The engine compiles a function for the kinds
 * that it has seen; at one that is new, it throws away all that the function is a part of, which is most of a call's
 * way, and compiles it anew, while calls take several times as long. So it is to see them before.
 */
export const practise = once(() => {
  practiseRing();
  const calls = new CallRecords(ringOf(WORDS), 0, WORDS);
  const outcomes = new OutcomeRecords(ringOf(WORDS), 0, WORDS);
  for (let turn = 0; turn < TURNS; turn++) {
    for (const value of practisedValues) {
      for (const take of takeFramed) {
        calls.write([practisedCall(value)], 0, practisedKnown);
        calls.writeFramed(1);
        while (!calls.areRead) calls.take([], take);
      }
      outcomes.write(1, value, 0);
      outcomes.takeAll(
        () => undefined,
        () => undefined,
      );
    }
  }
});

/** Records that do not fit into the end of their ring, which seldom comes. */
function practiseRing(): void {
  const ring = new RecordRing(ringOf(8), 0, 8);
  for (let turn = 0; turn < TURNS * TURNS; turn++) {
    ring.words[ring.place(3)] = turn;
    ring.publish(ring.place(3) + 3);
    ring.free(ring.next() + 3);
  }
}

export const practisedCall = (value: unknown): SentCall =>
  ({ id: 1, callable: { index: 0 }, envelope: { args: { value: [value] } } }) as SentCall;
