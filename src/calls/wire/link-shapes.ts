import { hasKeys, type ReadShapes, type WrittenShapes } from '../values/shapes';
import { areEqual, LinkClasses } from '../values/link-classes';

const MOST_SHAPES = 128;
const MOST_KEYS = 32;
/** So many lists of keys that came once are remembered at a time. */
const MOST_MET = 128;

/**
 * The shapes of one way of a link: keys get a number with the second object that has them, for those that are
 * data themselves would use up the numbers. What was written may not go out; its shapes then do not count, and are
 * told again.
 */
export class LinkShapes implements WrittenShapes, ReadShapes {
  readonly classes = new LinkClasses();
  readonly #shapes: (readonly string[])[] = [];
  readonly #met = new Set<string>();
  #last = -1;
  /** By the number of a shape: which came after it. Objects of a value have their order, and it comes again. */
  readonly #next: number[] = [];
  #sent = 0;

  find(value: object): number {
    const last = this.#last;
    const next = last < 0 ? last : this.#next[last];
    if (next >= 0 && hasKeys(value, this.#shapes[next])) return (this.#last = next);
    this.#last = this.#find(Object.keys(value));
    if (last >= 0 && this.#last >= 0) this.#next[last] = this.#last;
    return this.#last;
  }

  #find(keys: readonly string[]): number {
    for (let index = 0; index < this.#shapes.length; index++) {
      if (areEqual(this.#shapes[index], keys)) return index;
    }
    return -1;
  }

  keysOf(index: number): readonly string[] {
    const keys = this.#shapes[index];
    if (!keys) throw new RangeError(`no object has the shape ${index}`);
    return keys;
  }

  define(keys: readonly string[]): number {
    if (this.#shapes.length === MOST_SHAPES || keys.length > MOST_KEYS || !this.#isMetAgain(keys)) return -1;
    // At first, it is expected again.
    this.#next.push(this.#next.length);
    return this.#shapes.push(keys) - 1;
  }

  #isMetAgain(keys: readonly string[]): boolean {
    const name = keys.join('\0');
    if (this.#met.delete(name)) return true;
    if (this.#met.size === MOST_MET) this.#met.clear();
    this.#met.add(name);
    return false;
  }

  learn(keys: readonly string[]): void {
    this.#shapes.push(keys);
  }

  /** What was written goes out. */
  sent(): void {
    this.#sent = this.#shapes.length;
    this.classes.sent();
  }

  /** Whatever was written since {@link sent} has not gone out. */
  begin(): void {
    this.classes.begin();
    if (this.#shapes.length === this.#sent) return;
    this.#shapes.length = this.#sent;
    this.#next.length = this.#sent;
    for (let index = 0; index < this.#sent; index++)
      if (this.#next[index] >= this.#sent) this.#next[index] = index;
    this.#last = -1;
  }
}
