import type { Shapes } from './compact-codec';

const MOST_SHAPES = 128;
const MOST_KEYS = 32;

/**
 * The shapes of one way of a link: the writer tells the keys with the first object that has them. What was
 * written may not go out; its shapes then do not count, and are told again.
 */
export class LinkShapes implements Shapes {
  readonly #shapes: (readonly string[])[] = [];
  #last = -1;
  #sent = 0;

  find(value: object): number {
    const keys = Object.keys(value);
    if (this.#last >= 0 && areEqual(this.#shapes[this.#last], keys)) return this.#last;
    return (this.#last = this.#shapes.findIndex((shape) => areEqual(shape, keys)));
  }

  keysOf(index: number): readonly string[] {
    const keys = this.#shapes[index];
    if (!keys) throw new RangeError(`no object has the shape ${index}`);
    return keys;
  }

  define(value: object): number {
    const keys = Object.keys(value);
    if (this.#shapes.length === MOST_SHAPES || keys.length > MOST_KEYS) return -1;
    return this.#shapes.push(keys) - 1;
  }

  learn(keys: readonly string[]): void {
    this.#shapes.push(keys);
  }

  /** What was written goes out. */
  sent(): void {
    this.#sent = this.#shapes.length;
  }

  /** Whatever was written since {@link sent} has not gone out. */
  begin(): void {
    if (this.#shapes.length === this.#sent) return;
    this.#shapes.length = this.#sent;
    this.#last = -1;
  }
}

function areEqual(left: readonly string[], right: readonly string[]): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index++) if (left[index] !== right[index]) return false;
  return true;
}
