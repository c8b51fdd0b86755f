import { hasKeys } from '../calls/values/shapes';

/**
 * The lists of keys that objects of a queue have. An item then names its list by a number: keys are most of the
 * bytes of small objects, and most of the work. The table only grows, in the memory of the queue, until it is full.
 */
const COUNT = 0;
const USED = 1;
const HEADER = 2;
const MOST_SHAPES = 64;
const MOST_KEYS = 32;
const BYTES = 8 * 1024;
export const SHAPE_WORDS = HEADER + BYTES / 4;

export class ShapeTable {
  readonly #bytes: Buffer;
  readonly #shapes: (readonly string[])[] = [];
  #last: readonly string[] = [];
  #lastIndex = -1;

  constructor(
    private readonly words: Int32Array,
    private readonly base: number,
  ) {
    this.#bytes = Buffer.from(words.buffer, (base + HEADER) * 4, BYTES);
  }

  /** The number of the keys of an object, or -1 when the table does not have them. */
  find(value: object): number {
    if (this.#lastIndex >= 0 && hasKeys(value, this.#last)) return this.#lastIndex;
    this.#learn();
    for (let index = 0; index < this.#shapes.length; index++) {
      if (!hasKeys(value, this.#shapes[index])) continue;
      this.#last = this.#shapes[index];
      return (this.#lastIndex = index);
    }
    return -1;
  }

  keysOf(index: number): readonly string[] {
    if (index >= this.#shapes.length) this.#learn();
    return this.#shapes[index];
  }

  /** Adds the keys of an object, if there is room; the caller sees to it that only one thread does so at a time. */
  add(value: object): void {
    const keys = Object.keys(value);
    const count = Atomics.load(this.words, this.base + COUNT);
    if (count === MOST_SHAPES || keys.length > MOST_KEYS || this.find(value) >= 0) return;
    const json = Buffer.from(JSON.stringify(keys));
    const used = Atomics.load(this.words, this.base + USED);
    if (used + 2 + json.length > BYTES) return;
    this.#bytes.writeUInt16LE(json.length, used);
    this.#bytes.set(json, used + 2);
    // The count last: a thread that dies before has added nothing, and the next one writes over it.
    Atomics.store(this.words, this.base + USED, used + 2 + json.length);
    Atomics.store(this.words, this.base + COUNT, count + 1);
  }

  /** Reads what threads have added since. */
  #learn(): void {
    const count = Atomics.load(this.words, this.base + COUNT);
    if (count === this.#shapes.length) return;
    let offset = 0;
    for (let index = 0; index < count; index++) {
      const end = offset + 2 + this.#bytes.readUInt16LE(offset);
      if (index >= this.#shapes.length) {
        this.#shapes.push(JSON.parse(this.#bytes.toString('utf8', offset + 2, end)) as string[]);
      }
      offset = end;
    }
  }
}
