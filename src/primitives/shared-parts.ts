import { types } from 'node:util';
import { describeValue } from '../calls/values/describe-value';
import { weighClean } from '../calls/values/quick-look';
import { NotCloneableError } from '../calls/errors';
import { formatPath } from '../calls/values/format-path';
import { toPortableHook } from '../calls/values/portable';

/** A part of an item, and where it stands. */
interface Part {
  readonly value: unknown;
  readonly key?: PropertyKey;
  readonly of?: Part;
}

/**
 * Refuses an item with a part that bytes cannot carry without a word: of memory that threads share they would bring
 * a copy that nobody shares, and of a lock or a queue an empty object.
 *
 * @throws {@link NotCloneableError} with the path to the part
 */
export function refuseSharedParts(what: string, item: unknown): void {
  if (weighClean(item) >= 0) return;
  const seen = new Set<object>();
  const left: Part[] = [{ value: item }];
  for (let part = left.pop(); part; part = left.pop()) {
    const { value } = part;
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    if (isShared(value)) throw refusal(what, part);
    if (ArrayBuffer.isView(value)) continue;
    for (const [key, inner] of partsOf(value)) left.push({ value: inner, key, of: part });
  }
}

function isShared(value: object): boolean {
  if (types.isSharedArrayBuffer(ArrayBuffer.isView(value) ? value.buffer : value)) return true;
  // What writes itself in a way of its own for calls has nothing that structured clone would find.
  return typeof (value as Record<string, unknown>)[toPortableHook] === 'function';
}

function* partsOf(value: object): Iterable<readonly [key: PropertyKey, part: unknown]> {
  if (types.isMap(value)) {
    for (const [key, part] of value) {
      const name = typeof key === 'string' ? key : describeValue(key);
      yield [`key ${name}`, key];
      yield [name, part];
    }
  } else if (types.isSet(value)) {
    let index = 0;
    for (const part of value) yield [index++, part];
  } else if (types.isNativeError(value)) yield ['cause', value.cause];
  else if (Array.isArray(value)) yield* (value as unknown[]).entries();
  else yield* Object.entries(value);
}

function refusal(what: string, { value, ...place }: Part): NotCloneableError {
  const keys: PropertyKey[] = [];
  for (let at: Omit<Part, 'value'> | undefined = place; at?.key !== undefined; at = at.of)
    keys.unshift(at.key);
  const path = formatPath('item', keys);
  return new NotCloneableError(
    `${what}: ${path} is ${describeValue(value)}, which cannot travel in a queue: items are bytes, in which neither shared ` +
      `memory nor private fields survive. Hand it to the method as an argument of its own, beside the queue.`,
    path,
  );
}
