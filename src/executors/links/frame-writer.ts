import type { Callable } from '../../calls/callable';
import { CLAIM_SLOTS } from '../../calls/wire/claims';
import {
  FrameKind,
  type CallableReference,
  type Frame,
  type Known,
  type ReceiverReference,
  type SentCall,
} from '../../calls/wire/frames';
import type { ReceiverData } from '../../calls/receiver';

/** So many receivers have a number on a link; one more takes the place of the oldest, which may be long gone. */
const MOST_RECEIVERS = 1_000;
/** A number comes again once no call that the worker has yet to take can name the receiver that had it. */
const NUMBERS = MOST_RECEIVERS + CLAIM_SLOTS;
/** Both sides hold what has a number: a receiver with more text gets none. */
const MOST_CHARACTERS = 64 * 1024;

/**
 * Writes the calls of one link as frames: the worker hears a callable's descriptor once, then its index, and
 * what a receiver holds twice, then its number.
 */
export class FrameWriter {
  readonly #callables = new Set<number>();
  readonly #receivers = new Map<ReceiverData, number>();
  readonly #sent = new WeakSet<ReceiverData>();
  #lastReceiver = 0;
  /** What the worker has heard of. */
  readonly known: Known = { callables: this.#callables, receivers: this.#receivers };

  /** @param onNew - told of the module of a callable before the worker is */
  constructor(private readonly onNew?: (module: string) => void) {}

  /** Each call has a frame of its own: what two of them hold would be one and the same in the worker. */
  callFrame({ id, callable, envelope }: SentCall): Frame {
    const { args, receiver } = envelope;
    const reference = this.#callable(callable);
    return [FrameKind.call, id, reference, args.value, args.patches, this.#receiver(receiver)];
  }

  #callable(callable: Callable): CallableReference {
    const { index, descriptor } = callable;
    if (this.#callables.has(index)) return index;
    this.#callables.add(index);
    this.onNew?.(descriptor.module);
    return [index, descriptor];
  }

  /** It gets its number when it comes again: most of those that change with each call never do. */
  #receiver(receiver: ReceiverData | undefined): ReceiverReference {
    if (!receiver) return undefined;
    const known = this.#receivers.get(receiver);
    if (known !== undefined) return known;
    if (!this.#sent.has(receiver) || isLarge(receiver)) {
      this.#sent.add(receiver);
      return receiver;
    }
    if (this.#receivers.size === MOST_RECEIVERS) this.#forgetOldest();
    this.#lastReceiver = (this.#lastReceiver % NUMBERS) + 1;
    this.#receivers.set(receiver, this.#lastReceiver);
    return [this.#lastReceiver, receiver];
  }

  #forgetOldest(): void {
    const [oldest] = this.#receivers.keys();
    this.#receivers.delete(oldest);
  }

  /** The frame of this call did not go out: what it would have told is unknown still. */
  forget({ callable, envelope }: SentCall): void {
    this.#callables.delete(callable.index);
    if (envelope.receiver) this.#receivers.delete(envelope.receiver);
  }
}

/** By its texts: what comes again holds primitives alone. */
function isLarge([, , fields]: ReceiverData): boolean {
  let characters = 0;
  for (const value of Object.values(fields ?? {})) if (typeof value === 'string') characters += value.length;
  return characters > MOST_CHARACTERS;
}
