/**
 * A code for small plain data: primitives, short strings, and objects and arrays of them. It costs a fraction of
 * JSON or of the v8 codec, and keeps all that structured clone keeps.
 */
import { isDense } from './dense';
import { SMALL_VALUE_BYTES, SmallValueReader, writeSmallValue } from '../calls/small-value';
import type { ShapeTable } from './shape-table';

/** Beside the tags of small values. */
const ARRAY = 0x20;
const OBJECT = 0x21;

export const COMPACT_BYTES = 1024;
const MOST_DEPTH = 6;
const MOST_OBJECTS = 16;
const MOST_ITEMS = 64;

/** Not expressible, or too large. */
const NO = -1;

export class CompactCodec {
  /** What was written, or is to be read, from its start. */
  readonly words = new Int32Array(COMPACT_BYTES / 4);
  readonly #view = new DataView(this.words.buffer);
  readonly #reader = new SmallValueReader();
  readonly #seen: object[] = [];
  #isWriting = false;
  #offset = 0;

  constructor(private readonly shapes: ShapeTable) {}

  /** Writes a value into {@link words}; returns its length in bytes, or -1 when it needs another code. */
  write(value: unknown): number {
    // A getter of the value could put an item itself.
    if (this.#isWriting) return NO;
    this.#isWriting = true;
    try {
      return this.#write(value, 0, MOST_DEPTH);
    } finally {
      this.#isWriting = false;
      this.#seen.length = 0;
    }
  }

  read(): unknown {
    this.#offset = 0;
    return this.#read();
  }

  #write(value: unknown, offset: number, depth: number): number {
    if (offset > COMPACT_BYTES - SMALL_VALUE_BYTES) return NO;
    return typeof value === 'object' && value !== null
      ? this.#writeObject(value, offset, depth)
      : writeSmallValue(this.#view, offset, value);
  }

  #writeObject(value: object, offset: number, depth: number): number {
    // An object that is met twice has to stay one: the other codes see to that.
    if (depth === 0 || this.#seen.length === MOST_OBJECTS || this.#seen.includes(value)) return NO;
    this.#seen.push(value);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Array.prototype) return this.#writeArray(value as unknown[], offset, depth);
    if (prototype !== Object.prototype) return NO;
    const shape = this.shapes.find(value);
    if (shape < 0) return NO;
    this.#view.setUint8(offset, OBJECT);
    this.#view.setUint8(offset + 1, shape);
    let end = offset + 2;
    for (const key of this.shapes.keysOf(shape)) {
      end = this.#write((value as Record<string, unknown>)[key], end, depth - 1);
      if (end < 0) return NO;
    }
    return end;
  }

  #writeArray(items: readonly unknown[], offset: number, depth: number): number {
    const { length } = items;
    if (length > MOST_ITEMS || !isDense(items, Object.keys(items))) return NO;
    this.#view.setUint8(offset, ARRAY);
    this.#view.setUint8(offset + 1, length);
    let end = offset + 2;
    for (const item of items) {
      end = this.#write(item, end, depth - 1);
      if (end < 0) return NO;
    }
    return end;
  }

  #read(): unknown {
    const tag = this.#view.getUint8(this.#offset);
    if (tag < ARRAY) {
      const value = this.#reader.read(this.#view, this.#offset);
      this.#offset = this.#reader.offset;
      return value;
    }
    const detail = this.#view.getUint8(this.#offset + 1);
    this.#offset += 2;
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
