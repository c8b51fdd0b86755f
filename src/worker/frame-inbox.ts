import type { CallableDescriptor } from '../calls/callable';
import { Fifo } from '../calls/fifo';
import type { CallableReference, Frame, ReceivedCall, ReceiverReference } from '../calls/wire/frames';
import type { ReceiverData } from '../calls/receiver';

/** The calls that came in frames and have not been taken, in their order. */
export class FrameInbox {
  /** By the index of the callable: each is named once. */
  readonly descriptors: CallableDescriptor[] = [];
  /** By their numbers: those that came again. */
  readonly receivers: ReceiverData[] = [];
  readonly #calls = new Fifo<ReceivedCall>();

  receive(frame: Frame): void {
    this.#calls.push({
      id: frame[1] as number,
      callable: this.#hear(frame[2] as CallableReference),
      args: frame[3],
      patches: frame[4] as ReceivedCall['patches'],
      receiver: this.#receiver(frame[5] as ReceiverReference),
    });
  }

  add(calls: readonly ReceivedCall[]): void {
    for (const call of calls) this.#calls.push(call);
  }

  /** The id of the next call, if one has come. */
  get nextId(): number | undefined {
    return this.#calls.first?.id;
  }

  take(): ReceivedCall | undefined {
    return this.#calls.shift();
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
