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
  MET,
  MOST_ITEMS,
  NEW_CLASS,
  NEW_SHAPE,
  OBJECT,
  SAME,
  SET,
  TEXT,
  WIDE_TEXT,
} from './compact-code';
import type { View } from './array-views';
import { readView, wholeView } from './compact-views';
import { defineField } from './define-field';
import type { Patch } from './patches';
import type { ReadShapes } from './shapes';
import { FREE_TAG, SmallValueReader, TAG_BITS, TAG_MASK } from './small-value';

const noParts: readonly Buffer[] = [];

/** Reads values in the compact code, one after the other. */
export class CompactReader {
  /** Behind the value that was read last. */
  at = 0;
  /** The large arrays that came beside what is read next. */
  parts: readonly Buffer[] = noParts;
  readonly #reader = new SmallValueReader();
  /** Objects of the value that is read that are met again, by where they begin. */
  readonly #met = new Map<number, object>();
  /** Where the next object begins, when it is one of these; else -1. */
  #place = -1;

  constructor(private readonly shapes: ReadShapes) {}

  /** @throws RangeError when the words are no value */
  read(words: Int32Array, at: number): unknown {
    const value = this.#read(words, at);
    if (this.#met.size > 0) this.#met.clear();
    return value;
  }

  #read(words: Int32Array, at: number): unknown {
    const first = words[at];
    const tag = first & TAG_MASK;
    if (tag < FREE_TAG) return this.#readSmall(words, at);
    this.at = at + 1;
    if (first < 0) this.#place = at;
    const detail = (first & ~MET) >> TAG_BITS;
    switch (tag) {
      case ARRAY:
        return this.#readItems(words, detail, this.#begun([]));
      case TEXT:
      case WIDE_TEXT:
        return this.#readText(words, detail, tag === TEXT ? 'latin1' : 'utf16le');
      case BUILT_IN:
        return this.#readBuiltIn(words, detail);
      case OBJECT:
        return this.#readFields(words, this.shapes.keysOf(detail));
      case KEYS:
      case NEW_SHAPE: {
        const keys = this.#readItems(words, detail, []) as string[];
        if (tag === NEW_SHAPE) this.shapes.learn?.(keys);
        return this.#readFields(words, keys);
      }
      default:
        throw new RangeError(`no value has the tag ${tag}`);
    }
  }

  readPatches(words: Int32Array, at: number): Patch[] {
    const count = this.#readSmall(words, at) as number;
    const patches = this.#readItems(words, count, []) as Patch[];
    this.#met.clear();
    return patches;
  }

  /** Before what it holds is read: that may be itself. */
  #begun<T extends object>(value: T): T {
    if (this.#place >= 0) {
      this.#met.set(this.#place, value);
      this.#place = -1;
    }
    return value;
  }

  #readSmall(words: Int32Array, at: number): unknown {
    const value = this.#reader.read(words, at);
    this.at = this.#reader.at;
    return value;
  }

  #readBuiltIn(words: Int32Array, kind: number): unknown {
    const begin = this.at - 1;
    if (kind === BARE) return Object.setPrototypeOf(this.#read(words, this.at), null);
    if (kind === NEW_CLASS) return this.#readClass(words);
    const size = this.#readSmall(words, this.at) as number;
    switch (kind) {
      case DATE:
        return this.#begun(new Date(size));
      case CLASS:
        return this.shapes.classes?.classOf(size);
      case SAME:
        return this.#readSame(begin - size);
      case SET: {
        const set = this.#begun(new Set<unknown>());
        for (const item of this.#readItems(words, size, [])) set.add(item);
        return set;
      }
      case BESIDE:
        return this.#begun(this.#takePart(size, this.#readSmall(words, this.at) as number));
      case MAP: {
        const map = this.#begun(new Map<unknown, unknown>());
        const items = this.#readItems(words, 2 * size, []);
        for (let index = 0; index < items.length; index += 2) map.set(items[index], items[index + 1]);
        return map;
      }
      default:
        return this.#begun(readView(kind, this.#readBytes(words, size)));
    }
  }

  #readSame(place: number): object {
    const value = this.#met.get(place);
    if (!value) throw new RangeError(`no object begins at ${place}`);
    return value;
  }

  #takePart(kind: number, index: number): Uint8Array | View {
    if (!(index in this.parts)) throw new RangeError(`no array ${index} has come`);
    return wholeView(kind, this.parts[index]);
  }

  #readClass(words: Int32Array): unknown {
    const of = this.#read(words, this.at) as ClassDescriptor;
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
    const text = this.#reader.readText(words, this.at, size, encoding);
    this.at = this.#reader.at;
    return text;
  }

  #readItems(words: Int32Array, count: number, items: unknown[]): unknown[] {
    if (count > MOST_ITEMS) throw new RangeError(`no value has ${count} parts`);
    for (let index = 0; index < count; index++) items.push(this.#read(words, this.at));
    return items;
  }

  #readFields(words: Int32Array, keys: readonly string[]): unknown {
    const value = this.#begun<Record<string, unknown>>({});
    for (const key of keys) {
      const field = this.#read(words, this.at);
      if (key === '__proto__') defineField(value, key, field);
      else value[key] = field;
    }
    return value;
  }
}
