import { CLAIM_SLOTS } from './claims';
import type { Known, ReceivedCall, SentCall } from './frames';
import { countOf, type Patch } from '../values/patches';
import type { ReceiverData } from '../receiver';
import { RecordRing } from './record-ring';
import { CompactReader } from '../values/compact-reader';
import { CompactWriter } from '../values/compact-writer';
import { linkScratch, LINK_WORDS, POSTED_BYTES } from './link-scratch';
import { LinkShapes } from './link-shapes';
import { SHORT_STRING, SMALL_VALUE_WORDS, writeSmallValue } from '../values/small-value';

/** More arguments travel in a frame. */
const MOST_ARGS = 8;
const ARGS_BITS = 8;
/** Beside the number of arguments: patches follow them. */
const PATCHED = 1 << (ARGS_BITS - 1);
const HEAD_WORDS = 3;
const FRAMED_WORDS = 2;
/** Where else the callable stands. */
const FRAMED = -1;
const noParts: readonly Buffer[] = [];
/** The most words that a call takes whose arguments are primitives. */
const PRIMITIVE_WORDS = HEAD_WORDS + MOST_ARGS * SMALL_VALUE_WORDS;
/** The most words that a call takes. */
export const CALL_WORDS = HEAD_WORDS + LINK_WORDS;

/** True when a call's arguments are all that travels: its method and its receiver the worker knows. */
export function isBare({ callable, envelope: { args, receiver } }: SentCall, known: Known): boolean {
  return (
    !args.transfer && (!receiver || known.receivers.has(receiver)) && known.callables.has(callable.index)
  );
}

/** For how many parts patches are that the compact code tells of itself; NaN when it does not. */
function countUntold(patches: readonly Patch[]): number {
  let count = 0;
  for (const patch of patches)
    count += patch[1] === 'buffer' || patch[1] === 'null-prototype' ? countOf(patch) : NaN;
  return count;
}

/**
 * Writes calls as records: the id, the callable and how many arguments it has, the number of its receiver, the
 * arguments and their patches.
 */
export class CallWriter {
  readonly #compact: CompactWriter;
  /** How many compact words are the arguments; 0 when they are primitives. */
  #length = 0;
  #isPatched = false;

  /**
   * @param mostBytes - that a text or an array of bytes of the arguments may have
   * @param parts - gets the large arrays of the call that is prepared, if they may travel beside it
   */
  constructor(mostBytes?: number, parts?: Uint8Array[]) {
    this.#compact = new CompactWriter(new LinkShapes(), linkScratch, mostBytes, parts);
  }

  /**
   * Looks at a bare call before there is a place for it: its arguments may have getters, and these make calls
   * themselves. Returns how many words it takes at most, or -1 when the arguments are not few and small.
   */
  prepare({ envelope }: SentCall): number {
    const args = envelope.args.value as readonly unknown[];
    const { patches } = envelope.args;
    this.#length = 0;
    this.#isPatched = false;
    if (args.length > MOST_ARGS) return -1;
    if (patches) return this.#prepareCompact(args, patches);
    for (let index = 0; index < args.length; index++) {
      const arg = args[index];
      if (typeof arg === 'object' ? arg !== null : typeof arg === 'string' && arg.length > SHORT_STRING)
        return this.#prepareCompact(args);
    }
    return PRIMITIVE_WORDS;
  }

  #prepareCompact(args: readonly unknown[], patches?: readonly Patch[]): number {
    try {
      const count = patches ? countUntold(patches) : 0;
      this.#isPatched = Number.isNaN(count);
      this.#length = this.#compact.write(args, this.#isPatched ? patches : undefined);
      if (patches && !this.#isPatched && this.#length >= 0 && this.#compact.untold !== count) {
        // A copy that was made of them holds bare arrays, and plain objects, instead.
        this.#isPatched = true;
        this.#length = this.#compact.write(args, patches);
      }
      return this.#length < 0 ? -1 : HEAD_WORDS + this.#length;
    } catch {
      // A getter threw: who sends the call in a frame hears of it, and knows whose it is.
      return -1;
    }
  }

  /**
   * Writes the call that was prepared last at `at`, where so many words are free; it has to go out.
   *
   * @returns the index behind it, or -1 when its arguments are not small
   */
  write(words: Int32Array, at: number, { id, callable, envelope }: SentCall, known: Known): number {
    const args = envelope.args.value as readonly unknown[];
    const { length } = args;
    let end = at + HEAD_WORDS;
    if (this.#length > 0) end = this.#compact.put(this.#length, words, end);
    else
      for (let index = 0; index < length; index++) {
        end = writeSmallValue(words, end, args[index]);
        if (end < 0) return -1;
      }
    words[at] = id;
    words[at + 1] = (callable.index << ARGS_BITS) | (this.#isPatched ? length | PATCHED : length);
    words[at + 2] = envelope.receiver ? (known.receivers.get(envelope.receiver) as number) : 0;
    return end;
  }
}

/** Reads records of calls one after the other. */
export class CallReader {
  /** Behind the record that was read last. */
  at = 0;
  readonly #compact = new CompactReader(new LinkShapes());

  /**
   * @param receivers - by their numbers
   * @param parts - the large arrays that came beside
   */
  read(
    words: Int32Array,
    at: number,
    receivers: readonly ReceiverData[],
    parts: readonly Buffer[] = noParts,
  ): ReceivedCall {
    this.#compact.parts = parts;
    const head = words[at + 1];
    this.at = at + HEAD_WORDS;
    const args: unknown[] = [];
    for (let left = head & (PATCHED - 1); left > 0; left--) {
      args.push(this.#compact.read(words, this.at));
      this.at = this.#compact.at;
    }
    let patches: readonly Patch[] | undefined;
    if ((head & PATCHED) !== 0) {
      patches = this.#compact.readPatches(words, this.at);
      this.at = this.#compact.at;
    }
    const receiver = receivers[words[at + 2]];
    return { id: words[at], callable: head >>> ARGS_BITS, args, patches, receiver };
  }
}

/** In words: 256 KB. */
const CAPACITY = 64 * 1024;
/** A place is kept for each call that a thread may have to read yet, so that it can be told to come in a frame. */
const SPARE = CLAIM_SLOTS * FRAMED_WORDS;

/**
 * The calls that a thread is to run, in their order. Those whose arguments are few and small stand here; for
 * the others stands that they come in a frame, over the port: the id, and {@link FRAMED}.
 */
export class CallRecords {
  static readonly bytes = RecordRing.bytes(CAPACITY);
  readonly #ring: RecordRing;
  readonly #writer = new CallWriter(POSTED_BYTES);
  readonly #reader = new CallReader();

  constructor(memory: SharedArrayBuffer, offset: number, capacity = CAPACITY) {
    this.#ring = new RecordRing(memory, offset, capacity);
  }

  /**
   * Executor: writes calls from `begin` on, as long as they are bare and small; returns the index of the first
   * that is not, and has to travel in a frame.
   */
  write(calls: readonly SentCall[], begin: number, known: Known): number {
    const ring = this.#ring;
    for (let index = begin; index < calls.length; index++) {
      const call = calls[index];
      const most = isBare(call, known) ? this.#writer.prepare(call) : -1;
      const at = most < 0 ? -1 : ring.place(most, SPARE);
      const end = at < 0 ? -1 : this.#writer.write(ring.words, at, call, known);
      if (end < 0) return index;
      ring.publish(end);
    }
    return calls.length;
  }

  /** Executor: the next call is in a frame, which was posted before. */
  writeFramed(id: number): void {
    const at = this.#ring.place(FRAMED_WORDS);
    if (at < 0) throw new RangeError('a thread was sent more calls than it can have');
    this.#ring.words[at] = id;
    this.#ring.words[at + 1] = FRAMED;
    this.#ring.publish(at + FRAMED_WORDS);
  }

  /** Executor: true when the thread has read all calls. */
  get areRead(): boolean {
    return this.#ring.isRead;
  }

  get isEmpty(): boolean {
    return this.#ring.isEmpty;
  }

  /**
   * Thread: the next call; undefined when there is none.
   *
   * @param takeFramed - gives the call of an id, which comes in the next frame
   */
  take(
    receivers: readonly ReceiverData[],
    takeFramed: (id: number) => ReceivedCall | undefined,
  ): ReceivedCall | undefined {
    const at = this.#ring.next();
    if (at < 0) return undefined;
    const { words } = this.#ring;
    if (words[at + 1] === FRAMED) {
      const id = words[at];
      this.#ring.free(at + FRAMED_WORDS);
      return takeFramed(id);
    }
    const call = this.#reader.read(words, at, receivers);
    this.#ring.free(this.#reader.at);
    return call;
  }
}
