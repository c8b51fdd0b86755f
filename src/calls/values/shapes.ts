import type { LinkClasses } from './link-classes';

/** The lists of keys that objects have: an object names its list by a number. */
export interface WrittenShapes {
  /** Told before values are written. */
  begin?(): void;
  /** The number of the keys of an object; -1 when they have none. */
  find(value: object): number;
  keysOf(index: number): readonly string[];
  /** What was written since {@link begin} goes out. */
  sent?(): void;
  /** Gives keys the next number, and returns it; -1 when they get none. Without it, objects need one. */
  define?(keys: readonly string[]): number;
  /** The classes that patches name by a number. */
  readonly classes?: LinkClasses;
}

/** The lists of keys that objects name by a number. */
export interface ReadShapes {
  keysOf(index: number): readonly string[];
  /** These keys have the next number. */
  learn?(keys: readonly string[]): void;
  /** The classes that patches name by a number. */
  readonly classes?: LinkClasses;
}

/** True when these are the keys of an object; unlike a list of them, that takes no memory. */
export function hasKeys(value: object, keys: readonly string[]): boolean {
  let index = 0;
  for (const key in value) {
    // What is inherited comes last.
    if (!Object.prototype.hasOwnProperty.call(value, key)) break;
    if (key !== keys[index++]) return false;
  }
  return index === keys.length;
}
