/** How far apart the two sides' words are: in one cache line, each would slow the other down. */
const APART = 32;
const TAIL = 0;
const HEAD = APART;
const HEADER_WORDS = 2 * APART;
/** Instead of a record: the rest of the ring's end is unused. */
const SKIP = -1;

/**
 * Records of 32-bit words, from one thread to another, in memory that both share. A record lies in one piece;
 * its first word is never negative. What is in it, those know who write and read it.
 */
export class RecordRing {
  static readonly bytes = (capacity: number): number => (HEADER_WORDS + capacity) * 4;

  /** Where records are written to and read from. */
  readonly words: Int32Array;
  readonly #positions: Int32Array;
  // Positions run on and wrap; the mask finds their place.
  readonly #mask: number;
  // As this thread's last write and read left them, and as it last saw the other side.
  #tail = 0;
  #head = 0;
  #seenHead = 0;
  #seenTail = 0;

  /** @param capacity - in words, a power of two */
  constructor(
    memory: SharedArrayBuffer,
    offset: number,
    readonly capacity: number,
  ) {
    this.#positions = new Int32Array(memory, offset, HEADER_WORDS);
    this.words = new Int32Array(memory, offset + HEADER_WORDS * 4, capacity);
    this.#mask = capacity - 1;
  }

  /** Writer: where a record of at most `most` words may be written; -1 when `spare` words would not be left. */
  place(most: number, spare = 0): number {
    const at = this.#tail & this.#mask;
    const end = this.capacity - at;
    const needed = spare + (end < most ? end + most : most);
    if (this.capacity - ((this.#tail - this.#seenHead) | 0) < needed) {
      this.#seenHead = Atomics.load(this.#positions, HEAD);
      if (this.capacity - ((this.#tail - this.#seenHead) | 0) < needed) return -1;
    }
    if (end >= most) return at;
    this.words[at] = SKIP;
    this.#tail = (this.#tail + end) | 0;
    return 0;
  }

  /** Writer: the record that was placed last ends before `end`, and may be read. */
  publish(end: number): void {
    this.#tail = (this.#tail + end - (this.#tail & this.#mask)) | 0;
    Atomics.store(this.#positions, TAIL, this.#tail);
  }

  /** Writer: true when all records were read. */
  get isRead(): boolean {
    return this.#tail === Atomics.load(this.#positions, HEAD);
  }

  /** Reader: true when all records were read. */
  get isEmpty(): boolean {
    return this.#head === this.#seenTail && this.#head === Atomics.load(this.#positions, TAIL);
  }

  /** Reader: where the next record begins; -1 when there is none. */
  next(): number {
    if (this.#head === this.#seenTail) {
      this.#seenTail = Atomics.load(this.#positions, TAIL);
      if (this.#head === this.#seenTail) return -1;
    }
    const at = this.#head & this.#mask;
    if (this.words[at] !== SKIP) return at;
    this.#head = (this.#head + this.capacity - at) | 0;
    return 0;
  }

  /** Reader: the record was read up to `end`, and its place may be used again. */
  free(end: number): void {
    this.#head = (this.#head + end - (this.#head & this.#mask)) | 0;
    Atomics.store(this.#positions, HEAD, this.#head);
  }
}
