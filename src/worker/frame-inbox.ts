import type { CallableDescriptor } from '../calls/callable';
import { CALL_SLOTS, type CallableReference, type Frame, type ReceivedCall } from '../calls/frames';

/** The calls that came in frames and have not been taken, in their order. */
export class FrameInbox {
  /** By the index of the callable: each is named once. */
  readonly descriptors: CallableDescriptor[] = [];
  #calls: ReceivedCall[] = [];
  #next = 0;

  receive(frame: Frame): void {
    for (let index = 1; index < frame.length; index += CALL_SLOTS) {
      this.#calls.push({
        id: frame[index] as number,
        callable: this.#hear(frame[index + 1] as CallableReference),
        args: frame[index + 2],
        patches: frame[index + 3] as ReceivedCall['patches'],
        receiver: frame[index + 4] as ReceivedCall['receiver'],
      });
    }
  }

  add(calls: readonly ReceivedCall[]): void {
    for (const call of calls) this.#calls.push(call);
  }

  take(): ReceivedCall | undefined {
    if (this.#next < this.#calls.length) return this.#calls[this.#next++];
    this.clear();
    return undefined;
  }

  clear(): void {
    if (this.#calls.length === 0) return;
    this.#calls = [];
    this.#next = 0;
  }

  #hear(reference: CallableReference): number {
    if (typeof reference === 'number') return reference;
    this.descriptors[reference[0]] = reference[1];
    return reference[0];
  }
}
