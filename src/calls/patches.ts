import type { ClassDescriptor } from './callable';

/** Steps from a value to a part of it: property names, or positions in a Map (key, value, ...) or a Set. */
export type Path = readonly (string | number)[];

/** Where something stands in a payload that was lost on the way, and as what to revive it. */
export type Patch =
  | readonly [path: Path, kind: 'buffer' | 'null-prototype' | 'signal' | 'url' | 'search-params']
  | readonly [path: Path, kind: 'error', of?: ClassDescriptor]
  | readonly [path: Path, kind: 'portable' | 'extended' | 'from-portable', of: ClassDescriptor]
  | readonly [path: Path, kind: 'same-as', patch: number];
