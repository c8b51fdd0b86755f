import { types } from 'node:util';
import type { View } from './array-views';
import { isDisguised, isFieldsAlone } from './cloneable';
import {
  ARRAY,
  BARE,
  BESIDE,
  BUILT_IN,
  DATE,
  KEYS,
  MAP,
  MET,
  MOST_ITEMS,
  MOST_OBJECTS,
  NEW_SHAPE,
  OBJECT,
  SAME,
  SET,
  TEXT,
  WIDE_TEXT,
} from './compact-code';
import { BUFFER, isFirstOf, kindOfView } from './compact-views';
import { isDense } from './dense';
import { MetObjects } from './met-objects';
import { flat } from './flat';
import type { Scratch } from './scratch';
import { hasKeys, type WrittenShapes } from './shapes';
import { SHORT_STRING, SMALL_VALUE_WORDS, TAG_BITS, writeSmallValue } from './small-value';
import { isOrdinary } from './user-classes';

export const MOST_DEPTH = 128;
/** Objects of many keys, and many texts or dates, the engine's serializer is quicker with. */
const MOST_KEYS = 128;
const MANY_ITEMS = 448;
/** Arrays of so many bytes travel beside, where they may. */
const LARGE_BYTES = 4 * 1024;

const noKeys: readonly string[] = [];

/** Not expressible, or too large. */
export const NO = -1;

/** For strings that the engine keeps with a byte for each character, this takes no look at them. */
const wide = /[\u0100-\uffff]/;

/** Writes the parts of values in the compact code: each behind the one before it, while there is room. */
export class CompactParts {
  /** How many Buffers and objects without a prototype were written: other codes have to be told of each. */
  untold = 0;
  protected hasViews = false;
  protected readonly words: Int32Array;
  protected readonly seen = new MetObjects();
  /** Where each of them begins. */
  readonly #places: Int32Array;
  /** Where the value begins that is written: each is read by itself. */
  protected begin = 0;

  /**
   * @param mostBytes - of a text or an array of bytes; one with more needs another code
   * @param parts - gets the large arrays of what is written, the very memory: they travel beside it
   */
  constructor(
    protected readonly shapes: WrittenShapes,
    protected readonly scratch: Scratch,
    private readonly mostBytes = Infinity,
    protected readonly parts?: Uint8Array[],
  ) {
    this.words = scratch.words;
    // The last of them may bring its buffer.
    this.#places = new Int32Array(MOST_OBJECTS + 1);
  }

  /** Returns the index behind what was written at `at`, or -1 when it needs another code. */
  protected writePart(value: unknown, at: number, depth: number): number {
    if (at > this.words.length - SMALL_VALUE_WORDS - 1) return NO;
    if (typeof value === 'object' && value !== null) return this.#writeObject(value, at, depth);
    if (typeof value === 'string' && value.length > SHORT_STRING) return this.#writeText(value, at);
    return writeSmallValue(this.words, at, value);
  }

  #writeText(value: string, at: number): number {
    const begin = (at + 1) * 4;
    const { bytes } = this.scratch;
    if (value.length > this.mostBytes || value.length > bytes.length - begin) return NO;
    const isWide = wide.test(value);
    const size = isWide ? value.length * 2 : value.length;
    if (size > bytes.length - begin) return NO;
    bytes.write(value, begin, size, isWide ? 'utf16le' : 'latin1');
    this.words[at] = (size << TAG_BITS) | (isWide ? WIDE_TEXT : TEXT);
    return at + 1 + ((size + 3) >> 2);
  }

  #writeObject(value: object, at: number, depth: number): number {
    const met = this.seen.find(value);
    if (met >= 0) return this.#writeSame(this.#places[met], at);
    if (depth === 0 || this.seen.count >= MOST_OBJECTS) return NO;
    this.#places[this.seen.add(value)] = at;
    if (isDisguised(value)) return NO;
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Array.prototype) return this.#writeArray(value as unknown[], at, depth);
    if (prototype === Date.prototype) return this.#writeDate(value as Date, at);
    if (prototype !== Object.prototype && !isOrdinary(prototype))
      return this.#writeBuiltIn(value, prototype, at, depth);
    return this.#writePlain(value, at, depth);
  }

  #writeSame(place: number, at: number): number {
    if (place < this.begin) return NO;
    this.words[place] |= MET;
    this.words[at] = (SAME << TAG_BITS) | BUILT_IN;
    return writeSmallValue(this.words, at + 1, at - place);
  }

  #writePlain(value: object, at: number, depth: number): number {
    const shape = this.shapes.find(value);
    if (shape < 0) return this.#writeWithKeys(value, at, depth);
    this.words[at] = (shape << TAG_BITS) | OBJECT;
    return this.#writeFields(value, this.shapes.keysOf(shape), at + 1, depth);
  }

  #writeWithKeys(value: object, at: number, depth: number): number {
    const keys = Object.keys(value);
    if (!this.shapes.define || keys.length > MOST_KEYS) return NO;
    this.words[at] = (keys.length << TAG_BITS) | (this.shapes.define(keys) < 0 ? KEYS : NEW_SHAPE);
    const end = this.#writeItems(keys, at + 1, depth);
    return end < 0 ? NO : this.#writeFields(value, keys, end, depth);
  }

  #writeFields(value: object, keys: readonly string[], at: number, depth: number): number {
    let end = at;
    let index = 0;
    // As they lie in memory, in half the time that a list of keys takes.
    for (const key in value) {
      // What is inherited comes last.
      if (index === keys.length) return end;
      // A getter may have changed what there is.
      if (key !== keys[index++]) return NO;
      end = this.writePart((value as Record<string, unknown>)[key], end, depth - 1);
      if (end < 0) return NO;
    }
    return index === keys.length ? end : NO;
  }

  #writeArray(items: readonly unknown[], at: number, depth: number): number {
    const { length } = items;
    if (length > MOST_ITEMS || this.#areTooMany(items) || !isDense(items, Object.keys(items))) return NO;
    if (typeof items[0] === 'object') this.seen.expect(length);
    this.words[at] = (length << TAG_BITS) | ARRAY;
    return this.#writeItems(items, at + 1, depth);
  }

  /** Most items are alike: with many that the engine's serializer is quicker with, it is not begun. */
  #areTooMany({ length, 0: first }: readonly unknown[]): boolean {
    if (length > MANY_ITEMS && (typeof first === 'string' || first instanceof Date)) return true;
    return typeof first === 'object' && length > MOST_OBJECTS - this.seen.count;
  }

  #writeItems(items: readonly unknown[], at: number, depth: number): number {
    // As many as was written ahead of them: a getter of an item may change the array.
    const { length } = items;
    let end = at;
    for (let index = 0; index < length; index++) {
      end = this.writePart(items[index], end, depth - 1);
      if (end < 0) return NO;
    }
    return end;
  }

  #writeBuiltIn(value: object, prototype: unknown, at: number, depth: number): number {
    if (ArrayBuffer.isView(value)) return this.#writeView(value as View, at);
    if (prototype === null) return this.#writeBare(value, at, depth);
    if (prototype === Set.prototype && types.isSet(value)) {
      if (value.size > MOST_ITEMS) return NO;
      this.words[at] = (SET << TAG_BITS) | BUILT_IN;
      return this.#writeCounted([...value], 1, at + 1, depth);
    }
    if (prototype !== Map.prototype || !types.isMap(value) || 2 * value.size > MOST_ITEMS) return NO;
    this.words[at] = (MAP << TAG_BITS) | BUILT_IN;
    return this.#writeCounted(flat(value), 2, at + 1, depth);
  }

  #writeBare(value: object, at: number, depth: number): number {
    // Codes of plain data alone do not keep that it has none.
    if (!this.shapes.define || !isFieldsAlone(value)) return NO;
    this.untold++;
    this.words[at] = (BARE << TAG_BITS) | BUILT_IN;
    return this.#writePlain(value, at + 1, depth);
  }

  /** By what there is: a collection may have an iterator of its own. */
  #writeCounted(items: readonly unknown[], each: number, at: number, depth: number): number {
    if (items.length > MOST_ITEMS) return NO;
    return this.#writeItems(items, writeSmallValue(this.words, at, items.length / each), depth);
  }

  #writeDate(value: Date, at: number): number {
    // One that only has the prototype of a date is none.
    if (!types.isDate(value) || !hasKeys(value, noKeys)) return NO;
    this.words[at] = (DATE << TAG_BITS) | BUILT_IN;
    return writeSmallValue(this.words, at + 1, value.getTime());
  }

  #writeView(view: View, at: number): number {
    const kind = kindOfView(view);
    // Its buffer may be noted next, and stands nowhere by itself.
    this.#places[this.seen.count] = NO;
    if (kind === 0 || !isFirstOf(view, this.seen)) return NO;
    this.hasViews = true;
    if (kind === BUFFER) this.untold++;
    const { byteLength } = view;
    const array = types.isUint8Array(view) ? view : new Uint8Array(view.buffer, view.byteOffset, byteLength);
    if (this.parts && byteLength >= LARGE_BYTES) {
      this.words[at] = (BESIDE << TAG_BITS) | BUILT_IN;
      return this.#writeItems([kind, this.parts.push(array) - 1], at + 1, 1);
    }
    const { bytes } = this.scratch;
    const begin = writeSmallValue(this.words, at + 1, byteLength);
    if (byteLength > this.mostBytes || byteLength > bytes.length - begin * 4) return NO;
    this.words[at] = (kind << TAG_BITS) | BUILT_IN;
    bytes.set(array, begin * 4);
    return begin + ((byteLength + 3) >> 2);
  }
}
