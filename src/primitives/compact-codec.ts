/**
 * A code for small plain data: primitives, short strings, and objects and arrays of them. It costs a fraction of
 * JSON or of the v8 codec, and keeps all that structured clone keeps.
 */
import { isDense } from './dense';
import {
  FREE_TAG,
  SMALL_VALUE_WORDS,
  SmallValueReader,
  TAG_BITS,
  TAG_MASK,
  writeSmallValue,
} from '../calls/small-value';
import type { ShapeTable } from './shape-table';

/** Beside the tags of small values: how many items, or the shape, stands above the tag. */
const ARRAY = FREE_TAG;
const OBJECT = FREE_TAG + 1;

const COMPACT_WORDS = 256;
const MOST_DEPTH = 6;
const MOST_OBJECTS = 16;
const MOST_ITEMS = 64;

/** Not expressible, or too large. */
const NO = -1;

export class CompactCodec {
  /** What was written, or is to be read, from its start. */
  readonly words = new Int32Array(COMPACT_WORDS);
  readonly #reader = new SmallValueReader();
  readonly #seen: object[] = [];
  #isWriting = false;
  #at = 0;

  constructor(private readonly shapes: ShapeTable) {}

  /** Writes a value into {@link words}; returns its length in bytes, or -1 when it needs another code. */
  write(value: unknown): number {
    // A getter of the value could put an item itself.
    if (this.#isWriting) return NO;
    this.#isWriting = true;
    try {
      const end = this.#write(value, 0, MOST_DEPTH);
      return end < 0 ? NO : end * 4;
    } finally {
      this.#isWriting = false;
      this.#seen.length = 0;
    }
  }

  read(): unknown {
    this.#at = 0;
    return this.#read();
  }

  #write(value: unknown, at: number, depth: number): number {
    if (at > COMPACT_WORDS - SMALL_VALUE_WORDS) return NO;
    return typeof value === 'object' && value !== null
      ? this.#writeObject(value, at, depth)
      : writeSmallValue(this.words, at, value);
  }

  #writeObject(value: object, at: number, depth: number): number {
    // An object that is met twice has to stay one: the other codes see to that.
    if (depth === 0 || this.#seen.length === MOST_OBJECTS || this.#seen.includes(value)) return NO;
    this.#seen.push(value);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Array.prototype) return this.#writeArray(value as unknown[], at, depth);
    if (prototype !== Object.prototype) return NO;
    const shape = this.shapes.find(value);
    if (shape < 0) return NO;
    this.words[at] = (shape << TAG_BITS) | OBJECT;
    let end = at + 1;
    for (const key of this.shapes.keysOf(shape)) {
      end = this.#write((value as Record<string, unknown>)[key], end, depth - 1);
      if (end < 0) return NO;
    }
    return end;
  }

  #writeArray(items: readonly unknown[], at: number, depth: number): number {
    const { length } = items;
    if (length > MOST_ITEMS || !isDense(items, Object.keys(items))) return NO;
    this.words[at] = (length << TAG_BITS) | ARRAY;
    let end = at + 1;
    for (const item of items) {
      end = this.#write(item, end, depth - 1);
      if (end < 0) return NO;
    }
    return end;
  }

  #read(): unknown {
    const first = this.words[this.#at];
    const tag = first & TAG_MASK;
    if (tag < FREE_TAG) {
      const value = this.#reader.read(this.words, this.#at);
      this.#at = this.#reader.at;
      return value;
    }
    const detail = first >>> TAG_BITS;
    this.#at++;
    if (tag === ARRAY) {
      const items: unknown[] = [];
      for (let index = 0; index < detail; index++) items.push(this.#read());
      return items;
    }
    const value: Record<string, unknown> = {};
    for (const key of this.shapes.keysOf(detail)) {
      // Assigning this one would set the prototype.
      if (key === '__proto__') {
        const field = { value: this.#read(), writable: true, enumerable: true, configurable: true };
        Object.defineProperty(value, key, field);
      } else value[key] = this.#read();
    }
    return value;
  }
}
