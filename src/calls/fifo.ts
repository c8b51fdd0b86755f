/** When so many places more are spent than are not, the array is cut. */
const CUT_AT = 64;

/** First in, first out. `Array.shift` moves all that are left, where these are more than some ten thousand. */
export class Fifo<T> {
  #items: (T | undefined)[];
  #head = 0;

  constructor(items: T[] = []) {
    this.#items = items;
  }

  get size(): number {
    return this.#items.length - this.#head;
  }

  get first(): T | undefined {
    return this.#items[this.#head];
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    if (this.size === 0) return undefined;
    const item = this.#items[this.#head];
    // A spent place holds nothing.
    this.#items[this.#head++] = undefined;
    if (this.#head - CUT_AT > this.size) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Puts items before all others, the first of them first. */
  putBack(items: readonly T[]): void {
    // Mostly it is their own places that they left.
    if (items.length > this.#head) {
      this.#items = [...items, ...this.toArray()];
      this.#head = 0;
    } else for (let index = items.length - 1; index >= 0; index--) this.#items[--this.#head] = items[index];
  }

  toArray(): T[] {
    return this.#items.slice(this.#head) as T[];
  }
}
