/** Steps from a value to a part of it: property names, or positions in a Map (key, value, ...) or a Set. */
export type Path = readonly (string | number)[];

type Box = { value: unknown };

function step(container: unknown, key: string | number): unknown {
  if (container instanceof Map) {
    const entry = [...(container as Map<unknown, unknown>)][Math.floor(Number(key) / 2)];
    return entry[Number(key) % 2];
  }
  if (container instanceof Set) return [...(container as Set<unknown>)][Number(key)];
  // Own parts only: a path that was made up must not lead to a prototype.
  if (typeof container === 'object' && container !== null && Object.hasOwn(container, key)) {
    return (container as Record<string | number, unknown>)[key];
  }
  throw new TypeError(`a value that came over the wire has no part ${String(key)}`);
}

/** The part of `box.value` at `path`. */
export function readPath(box: Box, path: Path): unknown {
  let value = box.value;
  for (const key of path) value = step(value, key);
  return value;
}

/** Replaces the part of `box.value` at `path`, keeping the order of Maps and Sets. */
export function writePath(box: Box, path: Path, value: unknown): void {
  if (path.length === 0) {
    box.value = value;
    return;
  }
  const container = readPath(box, path.slice(0, -1));
  const key = path[path.length - 1];
  if (container instanceof Map) {
    const entries: [unknown, unknown][] = [...(container as Map<unknown, unknown>)];
    entries[Math.floor(Number(key) / 2)][Number(key) % 2] = value;
    container.clear();
    for (const [entryKey, item] of entries) container.set(entryKey, item);
  } else if (container instanceof Set) {
    const items: unknown[] = [...(container as Set<unknown>)];
    items[Number(key)] = value;
    container.clear();
    for (const item of items) container.add(item);
  } else {
    Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true });
  }
}
