import { CompactCodec } from './compact-codec';
import { linkScratch, LINK_WORDS } from './link-scratch';
import { LinkShapes } from './link-shapes';
import { RecordRing } from './record-ring';
import { SHORT_STRING, SMALL_VALUE_WORDS, writeSmallValue } from './small-value';

const HEAD_WORDS = 2;
/** The most words that an outcome takes. */
export const OUTCOME_WORDS = HEAD_WORDS + LINK_WORDS;
/** Times stand in hundredths of a microsecond. */
const TICKS = 100_000;
const LONGEST = 2 ** 31 - 1;

/** What takes an outcome: the call's id, its result, and how long it ran, in milliseconds. */
export type TakeOutcome = (id: number, value: unknown, ms: number) => void;

/** Writes outcomes as records: the id, how long the call ran, the result. */
export class OutcomeWriter {
  readonly #codec = new CompactCodec(new LinkShapes(), linkScratch);
  /** How many words of the codec are the result; 0 when it is a primitive. */
  #compact = 0;

  /** Looks at a result; returns how many words its outcome takes at most, or -1 when it is not small. */
  prepare(value: unknown): number {
    this.#compact = 0;
    if (
      typeof value === 'object' ? value === null : typeof value !== 'string' || value.length <= SHORT_STRING
    )
      return HEAD_WORDS + SMALL_VALUE_WORDS;
    this.#compact = this.#codec.write(value);
    return this.#compact < 0 ? -1 : HEAD_WORDS + this.#compact;
  }

  /**
   * Writes the outcome whose result was prepared last at `at`, where so many words are free; it has to go out.
   *
   * @returns the index behind it, or -1 when the result is not small
   */
  write(words: Int32Array, at: number, id: number, value: unknown, ms: number): number {
    const end =
      this.#compact > 0
        ? this.#codec.put(this.#compact, words, at + HEAD_WORDS)
        : writeSmallValue(words, at + HEAD_WORDS, value);
    if (end < 0) return -1;
    words[at] = id;
    words[at + 1] = Math.min(ms * TICKS, LONGEST);
    return end;
  }
}

/** Reads records of outcomes one after the other. */
export class OutcomeReader {
  /** Behind the record that was read last. */
  at = 0;
  id = 0;
  ms = 0;
  readonly #codec = new CompactCodec(new LinkShapes(), linkScratch);

  /** Returns the result. */
  read(words: Int32Array, at: number): unknown {
    const value = this.#codec.read(words, at + HEAD_WORDS);
    this.id = words[at];
    this.ms = words[at + 1] / TICKS;
    this.at = this.#codec.at;
    return value;
  }
}

/** In words: 128 KB. */
const CAPACITY = 32 * 1024;

/** The outcomes of a thread that are small, in the order in which calls have ended. */
export class OutcomeRecords {
  static readonly bytes = RecordRing.bytes(CAPACITY);
  readonly #ring: RecordRing;
  readonly #writer = new OutcomeWriter();
  readonly #reader = new OutcomeReader();

  constructor(memory: SharedArrayBuffer, offset: number) {
    this.#ring = new RecordRing(memory, offset, CAPACITY);
  }

  /** Thread: writes an outcome; false when the value is not small, or there is no room. */
  write(id: number, value: unknown, ms: number): boolean {
    const most = this.#writer.prepare(value);
    const at = most < 0 ? -1 : this.#ring.place(most);
    if (at < 0) return false;
    const end = this.#writer.write(this.#ring.words, at, id, value, ms);
    if (end < 0) return false;
    this.#ring.publish(end);
    return true;
  }

  get isEmpty(): boolean {
    return this.#ring.isEmpty;
  }

  /** Executor: takes all outcomes; returns how many. */
  takeAll(take: TakeOutcome): number {
    const ring = this.#ring;
    const reader = this.#reader;
    let count = 0;
    for (let at = ring.next(); at >= 0; at = ring.next()) {
      const value = reader.read(ring.words, at);
      ring.free(reader.at);
      take(reader.id, value, reader.ms);
      count++;
    }
    return count;
  }
}
