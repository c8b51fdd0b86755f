import type { ClassDescriptor } from '../callable';
import {
  ARRAY,
  BARE,
  BESIDE,
  BUILT_IN,
  CLASS,
  DATE,
  KEYS,
  MAP,
  MOST_ITEMS,
  NEW_CLASS,
  NEW_SHAPE,
  OBJECT,
  SET,
  TEXT,
  WIDE_TEXT,
} from './compact-code';
import { readView, wholeView } from './compact-views';
import { defineField } from './define-field';
import type { Patch } from './patches';
import type { ReadShapes } from './shapes';
import { FREE_TAG, SmallValueReader, TAG_BITS, TAG_MASK } from './small-value';

const none = new Int32Array(0);
const noParts: readonly Buffer[] = [];

/** Reads values in the compact code, one after the other. */
export class CompactReader {
  /** Behind the value that was read last. */
  at = 0;
  /** The large arrays that came beside what is read next. */
  parts: readonly Buffer[] = noParts;
  readonly #reader = new SmallValueReader();
  /** The words that were read last, and their bytes. */
  #read: Int32Array = none;
  #bytes: Buffer = Buffer.from(none.buffer);

  constructor(private readonly shapes: ReadShapes) {}

  /** @throws RangeError when the words are no value */
  read(words: Int32Array, at: number): unknown {
    const first = words[at];
    const tag = first & TAG_MASK;
    if (tag < FREE_TAG) return this.#readSmall(words, at);
    this.at = at + 1;
    const detail = first >>> TAG_BITS;
    switch (tag) {
      case ARRAY:
        return this.#readItems(words, detail);
      case TEXT:
      case WIDE_TEXT:
        return this.#readText(words, detail, tag === TEXT ? 'latin1' : 'utf16le');
      case BUILT_IN:
        return this.#readBuiltIn(words, detail);
      case OBJECT:
        return this.#readFields(words, this.shapes.keysOf(detail));
      case KEYS:
      case NEW_SHAPE: {
        const keys = this.#readItems(words, detail) as string[];
        if (tag === NEW_SHAPE) this.shapes.learn?.(keys);
        return this.#readFields(words, keys);
      }
      default:
        throw new RangeError(`no value has the tag ${tag}`);
    }
  }

  readPatches(words: Int32Array, at: number): Patch[] {
    const count = this.#readSmall(words, at) as number;
    return this.#readItems(words, count) as Patch[];
  }

  #readSmall(words: Int32Array, at: number): unknown {
    const value = this.#reader.read(words, at);
    this.at = this.#reader.at;
    return value;
  }

  #readBuiltIn(words: Int32Array, kind: number): unknown {
    if (kind === BARE) return Object.setPrototypeOf(this.read(words, this.at), null);
    if (kind === NEW_CLASS) return this.#readClass(words);
    const size = this.#readSmall(words, this.at) as number;
    switch (kind) {
      case DATE:
        return new Date(size);
      case CLASS:
        return this.shapes.classes?.classOf(size);
      case SET:
        return new Set(this.#readItems(words, size));
      case BESIDE:
        return this.#takePart(size, this.#readSmall(words, this.at) as number);
      case MAP: {
        const items = this.#readItems(words, 2 * size);
        const map = new Map<unknown, unknown>();
        for (let index = 0; index < items.length; index += 2) map.set(items[index], items[index + 1]);
        return map;
      }
      default:
        return readView(kind, this.#readBytes(words, size));
    }
  }

  #takePart(kind: number, index: number): unknown {
    if (!(index in this.parts)) throw new RangeError(`no array ${index} has come`);
    return wholeView(kind, this.parts[index]);
  }

  #readClass(words: Int32Array): unknown {
    const of = this.read(words, this.at) as ClassDescriptor;
    this.shapes.classes?.learn(of);
    return of;
  }

  #readBytes(words: Int32Array, size: number): Uint8Array {
    const begin = this.at;
    this.at += (size + 3) >> 2;
    if (!(size <= (words.length - begin) * 4)) throw new RangeError(`no array has ${size} bytes here`);
    return new Uint8Array(words.buffer, words.byteOffset + begin * 4, size);
  }

  #readText(words: Int32Array, size: number, encoding: 'latin1' | 'utf16le'): string {
    if (this.#read !== words) {
      this.#read = words;
      this.#bytes = Buffer.from(words.buffer, words.byteOffset, words.byteLength);
    }
    const begin = this.at * 4;
    this.at += (size + 3) >> 2;
    if (this.at > words.length) throw new RangeError(`no text has ${size} bytes here`);
    return this.#bytes.toString(encoding, begin, begin + size);
  }

  #readItems(words: Int32Array, count: number): unknown[] {
    if (count > MOST_ITEMS) throw new RangeError(`no value has ${count} parts`);
    const items: unknown[] = [];
    for (let index = 0; index < count; index++) items.push(this.read(words, this.at));
    return items;
  }

  #readFields(words: Int32Array, keys: readonly string[]): unknown {
    const value: Record<string, unknown> = {};
    for (const key of keys) {
      const field = this.read(words, this.at);
      if (key === '__proto__') defineField(value, key, field);
      else value[key] = field;
    }
    return value;
  }
}
