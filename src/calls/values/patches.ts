import type { ClassDescriptor } from '../callable';

/** Steps from a value to a part of it: property names, or positions in a Map (key, value, ...) or a Set. */
export type Path = readonly (string | number)[];

/** What gets another prototype where it stands: that of Buffers, none, or that of its portable class. */
export type InPlace = 'buffer' | 'null-prototype' | 'portable';

/**
 * One patch for all that stand as deep and get the same prototype, for they may be many: behind the path to the first
 * of them, those to the others, one behind the other and each as long.
 */
export type InPlacePatch = readonly [path: Path, kind: InPlace, of?: ClassDescriptor, others?: Path];

/** Where something stands in a payload that was lost on the way, and as what to revive it. */
export type Patch =
  | InPlacePatch
  | readonly [path: Path, kind: 'signal' | 'url' | 'search-params']
  | readonly [path: Path, kind: 'error', of?: ClassDescriptor]
  | readonly [path: Path, kind: 'extended' | 'from-portable', of: ClassDescriptor]
  | readonly [path: Path, kind: 'same-as', patch: number];

/** For how many parts a patch is. */
export function countOf([path, , , others]: InPlacePatch): number {
  return others ? 1 + others.length / path.length : 1;
}
