import type { CallableDescriptor } from '../calls/callable';
import {
  CALL_SLOTS,
  type CallableReference,
  type Frame,
  type ReceivedCall,
  type ReceiverReference,
} from '../calls/frames';
import type { ReceiverData } from '../calls/receiver';

/** The calls that came in frames and have not been taken, in their order. */
export class FrameInbox {
  /** By the index of the callable: each is named once. */
  readonly descriptors: CallableDescriptor[] = [];
  /** By their numbers: those that came again. */
  readonly receivers: ReceiverData[] = [];
  #calls: ReceivedCall[] = [];
  #next = 0;

  receive(frame: Frame): void {
    for (let index = 1; index < frame.length; index += CALL_SLOTS) {
      this.#calls.push({
        id: frame[index] as number,
        callable: this.#hear(frame[index + 1] as CallableReference),
        args: frame[index + 2],
        patches: frame[index + 3] as ReceivedCall['patches'],
        receiver: this.#receiver(frame[index + 4] as ReceiverReference),
      });
    }
  }

  add(calls: readonly ReceivedCall[]): void {
    for (const call of calls) this.#calls.push(call);
  }

  take(): ReceivedCall | undefined {
    const call = this.#calls[this.#next++];
    // What was taken is not held: its arguments may be large.
    if (this.#next >= this.#calls.length) this.clear();
    return call;
  }

  clear(): void {
    if (this.#calls.length > 0) this.#calls = [];
    this.#next = 0;
  }

  #hear(reference: CallableReference): number {
    if (typeof reference === 'number') return reference;
    this.descriptors[reference[0]] = reference[1];
    return reference[0];
  }

  #receiver(reference: ReceiverReference): ReceiverData | undefined {
    if (typeof reference === 'number') return this.receivers[reference];
    if (typeof reference?.[0] !== 'number') return reference;
    return (this.receivers[reference[0]] = reference[1]);
  }
}
