import { CLAIM_SLOTS } from './claims';
import type { Known, ReceivedCall, SentCall } from './frames';
import type { ReceiverData } from './receiver';
import { RecordRing } from './record-ring';
import { SMALL_VALUE_WORDS, SmallValueReader, writeSmallValue } from './small-value';

/** More arguments, or longer ones, travel in a frame. */
const MOST_ARGS = 8;
const ARGS_BITS = 8;
const HEAD_WORDS = 3;
const FRAMED_WORDS = 2;
export const CALL_WORDS = HEAD_WORDS + MOST_ARGS * SMALL_VALUE_WORDS;

/** True when a call's arguments are all that travels: its method and its receiver the worker knows. */
export function isBare({ callable, envelope: { args, receiver } }: SentCall, known: Known): boolean {
  return (
    !args.patches &&
    !args.transfer &&
    (!receiver || known.receivers.has(receiver)) &&
    known.callables.has(callable.index)
  );
}

/**
 * Writes a call as a record: its id, the callable and how many arguments it has, the number of its receiver, the
 * arguments.
 *
 * @returns the index behind it, or -1 when the arguments are not few and small
 */
export function writeCall(
  words: Int32Array,
  at: number,
  { id, callable, envelope }: SentCall,
  known: Known,
): number {
  const args = envelope.args.value as readonly unknown[];
  const { length } = args;
  if (length > MOST_ARGS) return -1;
  let end = at + HEAD_WORDS;
  for (let index = 0; index < length; index++) {
    end = writeSmallValue(words, end, args[index]);
    if (end < 0) return -1;
  }
  words[at] = id;
  words[at + 1] = (callable.index << ARGS_BITS) | length;
  words[at + 2] = envelope.receiver ? (known.receivers.get(envelope.receiver) as number) : 0;
  return end;
}

/** Reads records of calls one after the other. */
export class CallReader {
  /** Behind the record that was read last. */
  at = 0;
  readonly #reader = new SmallValueReader();

  /** @param receivers - by their numbers */
  read(words: Int32Array, at: number, receivers: readonly ReceiverData[]): ReceivedCall {
    const head = words[at + 1];
    this.at = at + HEAD_WORDS;
    const args: unknown[] = [];
    for (let left = head & ((1 << ARGS_BITS) - 1); left > 0; left--) {
      args.push(this.#reader.read(words, this.at));
      this.at = this.#reader.at;
    }
    const receiver = receivers[words[at + 2]];
    return { id: words[at], callable: head >>> ARGS_BITS, args, patches: undefined, receiver };
  }
}

/** In words: 32 KB. */
const CAPACITY = 8 * 1024;
/** A place is kept for every call that a thread may be sent, so that where it comes in a frame can be told. */
const SPARE = CLAIM_SLOTS * FRAMED_WORDS;

/**
 * The calls that a thread is to run, in their order. Those whose arguments are few and small stand here; for
 * others stands that they come in a frame, over the port: the id of the first call of the frame, and how many
 * there are, less than zero.
 */
export class CallRecords {
  static readonly bytes = RecordRing.bytes(CAPACITY);
  readonly #ring: RecordRing;
  readonly #reader = new CallReader();

  constructor(memory: SharedArrayBuffer, offset: number) {
    this.#ring = new RecordRing(memory, offset, CAPACITY);
  }

  /**
   * Executor: writes calls from `begin` on, as long as they are bare and small; returns the index of the first
   * that is not, and has to travel in a frame.
   */
  write(calls: readonly SentCall[], begin: number, known: Known): number {
    const ring = this.#ring;
    for (let index = begin; index < calls.length; index++) {
      const at = isBare(calls[index], known) ? ring.place(CALL_WORDS, SPARE) : -1;
      if (at < 0) return index;
      const end = writeCall(ring.words, at, calls[index], known);
      if (end < 0) return index;
      ring.publish(end);
    }
    return calls.length;
  }

  /** Executor: the next calls are in a frame, which was posted before. */
  writeFramed(firstId: number, count: number): void {
    const at = this.#ring.place(FRAMED_WORDS);
    this.#ring.words[at] = firstId;
    this.#ring.words[at + 1] = -count;
    this.#ring.publish(at + FRAMED_WORDS);
  }

  get isEmpty(): boolean {
    return this.#ring.isEmpty;
  }

  /** Thread: the next call; a number when so many come in the next frame; undefined when there is none. */
  take(receivers: readonly ReceiverData[]): ReceivedCall | number | undefined {
    const at = this.#ring.next();
    if (at < 0) return undefined;
    const { words } = this.#ring;
    const count = -words[at + 1];
    if (count > 0) {
      this.#ring.free(at + FRAMED_WORDS);
      return count;
    }
    const call = this.#reader.read(words, at, receivers);
    this.#ring.free(this.#reader.at);
    return call;
  }
}
