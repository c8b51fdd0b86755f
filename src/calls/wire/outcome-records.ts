import { CompactReader } from '../values/compact-reader';
import { CompactWriter } from '../values/compact-writer';
import { FrameKind, type OutcomeFrame } from './frames';
import { linkScratch, LINK_WORDS, POSTED_BYTES } from './link-scratch';
import { LinkShapes } from './link-shapes';
import type { Patch } from '../values/patches';
import { RecordRing } from './record-ring';
import { SHORT_STRING, SMALL_VALUE_WORDS, writeSmallValue } from '../values/small-value';

const HEAD_WORDS = 2;
/** The most words that an outcome takes. */
export const OUTCOME_WORDS = HEAD_WORDS + LINK_WORDS;
/** Times stand in hundredths of a microsecond. */
const TICKS = 100_000;
const LONGEST = 2 ** 31 - 1;

/** What takes an outcome: the call's id, its result, and how long it ran, in milliseconds. */
export type TakeOutcome = (id: number, value: unknown, ms: number) => void;

const none: readonly Patch[] = [];
const noParts: readonly Buffer[] = [];

/**
 * Writes outcomes as records: the id, how long the call ran, the result. Of an error, or a result with patches, the
 * time is written as a negative number, and behind it the status, the value and the patches.
 */
export class OutcomeWriter {
  readonly #compact: CompactWriter;
  /** How many compact words are the result; 0 when it is a primitive. */
  #length = 0;

  /**
   * @param mostBytes - that a text or an array of bytes of the result may have
   * @param parts - gets the large arrays of the result that is prepared, if they may travel beside it
   */
  constructor(mostBytes?: number, parts?: Uint8Array[]) {
    this.#compact = new CompactWriter(new LinkShapes(), linkScratch, mostBytes, parts);
  }

  /** Looks at a result; returns how many words its outcome takes at most, or -1 when it is not small. */
  prepare(value: unknown): number {
    this.#length = 0;
    if (
      typeof value === 'object' ? value === null : typeof value !== 'string' || value.length <= SHORT_STRING
    )
      return HEAD_WORDS + SMALL_VALUE_WORDS;
    return this.#prepareCompact([value]);
  }

  /** Looks at an error, or at a result with patches, as {@link prepare} does. */
  prepareFrame([, , status, value, patches]: OutcomeFrame): number {
    return this.#prepareCompact([status, value], patches ?? none);
  }

  #prepareCompact(values: readonly unknown[], patches?: readonly Patch[]): number {
    this.#length = this.#compact.write(values, patches);
    return this.#length < 0 ? -1 : HEAD_WORDS + this.#length;
  }

  /**
   * Writes the outcome whose result was prepared last at `at`, where so many words are free; it has to go out.
   *
   * @returns the index behind it, or -1 when the result is not small
   */
  write(words: Int32Array, at: number, id: number, value: unknown, ms: number): number {
    const end =
      this.#length > 0
        ? this.#compact.put(this.#length, words, at + HEAD_WORDS)
        : writeSmallValue(words, at + HEAD_WORDS, value);
    if (end < 0) return -1;
    words[at] = id;
    words[at + 1] = Math.min(ms * TICKS, LONGEST);
    return end;
  }

  writeFrame(words: Int32Array, at: number, [, id, , , , ms]: OutcomeFrame): number {
    words[at] = id;
    words[at + 1] = ~Math.min(ms * TICKS, LONGEST);
    return this.#compact.put(this.#length, words, at + HEAD_WORDS);
  }
}

/** Reads records of outcomes one after the other. */
export class OutcomeReader {
  /** Behind the record that was read last. */
  at = 0;
  id = 0;
  ms = 0;
  /** The record as the frame that it stands for, when it has a status and patches. */
  frame: OutcomeFrame | undefined;
  readonly #compact = new CompactReader(new LinkShapes());

  /** Returns the result; `parts` are the large arrays that came beside. */
  read(words: Int32Array, at: number, parts: readonly Buffer[] = noParts): unknown {
    this.#compact.parts = parts;
    const value = this.#compact.read(words, at + HEAD_WORDS);
    const time = words[at + 1];
    this.id = words[at];
    this.ms = time / TICKS;
    this.at = this.#compact.at;
    this.frame = time < 0 ? this.#readFrame(words, value as number, ~time / TICKS) : undefined;
    return value;
  }

  #readFrame(words: Int32Array, status: number, ms: number): OutcomeFrame {
    const value = this.#compact.read(words, this.at);
    const patches = this.#compact.readPatches(words, this.#compact.at);
    this.at = this.#compact.at;
    return [FrameKind.outcome, this.id, status, value, patches.length > 0 ? patches : undefined, ms];
  }
}

/** In words: 128 KB. Outcomes are soon taken. */
const CAPACITY = 32 * 1024;

/** The outcomes of a thread that are small, in the order in which calls have ended. */
export class OutcomeRecords {
  static readonly bytes = RecordRing.bytes(CAPACITY);
  readonly #ring: RecordRing;
  readonly #writer = new OutcomeWriter(POSTED_BYTES);
  readonly #reader = new OutcomeReader();

  constructor(memory: SharedArrayBuffer, offset: number, capacity = CAPACITY) {
    this.#ring = new RecordRing(memory, offset, capacity);
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

  /** Thread: writes an error, or a result with patches, as {@link write} does. */
  writeFrame(frame: OutcomeFrame): boolean {
    const most = this.#writer.prepareFrame(frame);
    const at = most < 0 ? -1 : this.#ring.place(most);
    if (at < 0) return false;
    this.#ring.publish(this.#writer.writeFrame(this.#ring.words, at, frame));
    return true;
  }

  /** Thread: true when the executor has taken them all. */
  get areRead(): boolean {
    return this.#ring.isRead;
  }

  /** Executor: true when it has taken them all. */
  get isEmpty(): boolean {
    return this.#ring.isEmpty;
  }

  /**
   * Executor: takes all outcomes; returns how many.
   *
   * @param takeFrame - gets those that have a status and patches
   */
  takeAll(take: TakeOutcome, takeFrame: (frame: OutcomeFrame) => void): number {
    const ring = this.#ring;
    const reader = this.#reader;
    let count = 0;
    for (let at = ring.next(); at >= 0; at = ring.next()) {
      const value = reader.read(ring.words, at);
      ring.free(reader.at);
      if (reader.frame) takeFrame(reader.frame);
      else take(reader.id, value, reader.ms);
      count++;
    }
    return count;
  }
}
