import { types } from 'node:util';

/**
 * About how many bytes are copied with a value, where each part of it counts as `perPart`, and beside that its
 * characters and bytes. It stops counting above `limit`. Not on the stack: the value may be deep.
 */
export function weigh(value: unknown, perPart: number, limit = Infinity): number {
  // As most fields of a receiver that changes with each call are: there is nothing to go through.
  if (typeof value === 'string') return value.length;
  const seen = new Set<unknown>();
  const left = [value];
  let weight = perPart;
  while (left.length > 0 && weight <= limit) {
    const next = left.pop();
    if (typeof next === 'string') weight += next.length;
    if (typeof next !== 'object' || next === null || seen.has(next)) continue;
    seen.add(next);
    const memory = ArrayBuffer.isView(next) ? next.buffer : next;
    if (types.isAnyArrayBuffer(memory)) {
      // Of a Buffer, which may be a view of a pool, its own bytes travel; of other views all that they are views of.
      if (types.isArrayBuffer(memory)) weight += Buffer.isBuffer(next) ? next.byteLength : memory.byteLength;
      continue;
    }
    for (const parts of partsOf(next)) {
      for (const part of parts) {
        if ((weight += perPart) > limit) break;
        left.push(part);
      }
    }
  }
  return weight;
}

/** What an object holds. To take a Map apart into pairs would take longer than to copy it. */
function partsOf(value: object): readonly Iterable<unknown>[] {
  if (types.isMap(value)) return [value.keys(), value.values()];
  return [types.isSet(value) ? value : Object.values(value)];
}
