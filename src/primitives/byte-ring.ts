/**
 * The bytes of a queue: records one behind the other, each a word with its length and tag, and its item. One
 * thread at a time writes, one reads; guards, which are not this class's matter, see to that.
 *
 * What writers change and what readers change are far apart: in one cache line, each would slow the other down.
 * For the same reason each side remembers what it last saw of the other, and looks again only when it has to.
 *
 * Items begin at multiples of 8 bytes of the memory: elsewhere the engine copies shared memory byte by byte.
 */
import { Tag, type EncodedItem } from './item-codec';

/** Two cache lines. */
export const APART = 32;

const TAIL = 0;
const PUTS = 1;
/** For the guard of the writers. */
export const PUT_GUARD = 2;
const HEAD = APART;
const GETS = APART + 1;
/** For the guard of the readers. */
export const GET_GUARD = APART + 2;
/** One word on, so that what follows a header is where items begin. */
const BYTES = 2 * APART + 1;
export const RING_WORDS = BYTES;

const HEADER_BYTES = 4;
const ALIGNMENT = 8;
const TAG_BITS = 2;
const TAG_MASK = (1 << TAG_BITS) - 1;

/** The bytes that an item of so many bytes takes in the ring. */
export const recordBytes = (bytes: number): number =>
  Math.ceil((HEADER_BYTES + bytes) / ALIGNMENT) * ALIGNMENT;

/** An item that went by another code than the compact one; undefined where there was none to read. */
export type Read = { readonly tag: number; readonly bytes: Buffer } | typeof Tag.compact | undefined;

export class ByteRing {
  readonly #bytes: Buffer;
  readonly #ring: Int32Array;
  readonly #mask: number;
  // As this thread's last write and read left them.
  #tail = 0;
  #seenHead = 0;
  #head = 0;
  #seenTail = 0;

  /** @param capacity - in bytes, a power of two: positions run on and wrap, and the mask still finds their place */
  constructor(
    private readonly words: Int32Array,
    private readonly base: number,
    readonly capacity: number,
  ) {
    const offset = (base + BYTES) * 4;
    this.#bytes = Buffer.from(words.buffer, offset, capacity);
    this.#ring = new Int32Array(words.buffer, offset, capacity / 4);
    this.#mask = capacity / 4 - 1;
  }

  get items(): number {
    const gets = this.#load(GETS);
    return (this.#load(PUTS) - gets) | 0;
  }

  get freeBytes(): number {
    const tail = this.#load(TAIL);
    return this.capacity - ((tail - this.#load(HEAD)) | 0);
  }

  get isEmpty(): boolean {
    const head = this.#load(HEAD);
    if (head === this.#head && head !== this.#seenTail) return false;
    return this.#load(TAIL) === head;
  }

  /** Writer: true when a record of so many bytes fits. */
  hasRoom(bytes: number): boolean {
    const tail = this.#load(TAIL);
    if (tail === this.#tail && this.capacity - ((tail - this.#seenHead) | 0) >= bytes) return true;
    this.#seenHead = this.#load(HEAD);
    this.#tail = tail;
    return this.capacity - ((tail - this.#seenHead) | 0) >= bytes;
  }

  /** Writer: writes an item of the compact code, for which there is room. */
  writeCompact(words: Int32Array, length: number): void {
    const tail = this.#load(TAIL);
    let place = (tail >>> 2) + 1;
    for (let index = 0; index << 2 < length; index++) this.#ring[place++ & this.#mask] = words[index];
    this.#publish(tail, length, Tag.compact);
  }

  /** Writer: writes an item for which there is room. */
  write({ tag, bytes }: EncodedItem): void {
    const tail = this.#load(TAIL);
    const offset = (tail + HEADER_BYTES) & (this.capacity - 1);
    const first = Math.min(bytes.length, this.capacity - offset);
    this.#bytes.set(bytes.subarray(0, first), offset);
    if (first < bytes.length) this.#bytes.set(bytes.subarray(first), 0);
    this.#publish(tail, bytes.length, tag);
  }

  /** Reader: takes the oldest item, into `compact` if it is of that code. */
  read(compact: Int32Array): Read {
    const head = this.#load(HEAD);
    if (head !== this.#head || head === this.#seenTail) {
      this.#seenTail = this.#load(TAIL);
      this.#head = head;
      if (head === this.#seenTail) return undefined;
    }
    const header = this.#ring[(head >>> 2) & this.#mask];
    const length = header >>> TAG_BITS;
    const tag = header & TAG_MASK;
    let item: Read = Tag.compact;
    if (tag === Tag.compact) {
      let place = (head >>> 2) + 1;
      for (let index = 0; index << 2 < length; index++) compact[index] = this.#ring[place++ & this.#mask];
    } else item = { tag, bytes: this.#copy((head + HEADER_BYTES) & (this.capacity - 1), length) };
    this.#head = (head + recordBytes(length)) | 0;
    // Counted first, as a put is last: nobody may be told of an item that is not there.
    Atomics.store(this.words, this.base + GETS, this.#load(GETS) + 1);
    Atomics.store(this.words, this.base + HEAD, this.#head);
    return item;
  }

  /** Counts anew: a thread died between the two words that a put or a get changes. Neither goes on meanwhile. */
  recount(): void {
    let items = 0;
    const tail = this.#load(TAIL);
    for (let head = this.#load(HEAD); head !== tail; items++) {
      head = (head + recordBytes(this.#ring[(head >>> 2) & this.#mask] >>> TAG_BITS)) | 0;
    }
    Atomics.store(this.words, this.base + PUTS, (this.#load(GETS) + items) | 0);
  }

  /** From here on readers see the record. */
  #publish(tail: number, length: number, tag: number): void {
    this.#ring[(tail >>> 2) & this.#mask] = (length << TAG_BITS) | tag;
    this.#tail = (tail + recordBytes(length)) | 0;
    Atomics.store(this.words, this.base + TAIL, this.#tail);
    Atomics.store(this.words, this.base + PUTS, this.#load(PUTS) + 1);
  }

  #copy(offset: number, length: number): Buffer {
    const copy = Buffer.allocUnsafe(length);
    const first = Math.min(length, this.capacity - offset);
    this.#bytes.copy(copy, 0, offset, offset + first);
    if (first < length) this.#bytes.copy(copy, first, 0, length - first);
    return copy;
  }

  #load(word: number): number {
    return Atomics.load(this.words, this.base + word);
  }
}
