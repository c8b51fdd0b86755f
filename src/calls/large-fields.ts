import { types } from 'node:util';

/** A field of `this` above this size is copied with each call, which is seldom what its author meant. */
const LARGE_BYTES = 64 * 1024;

const warned = new WeakMap<object, Set<string>>();

/** Warns once per class and field of one that has grown past 64 KB: it travels with every call. */
export function warnOfLargeFields(receiver: object, fields: Record<string, unknown>): void {
  const known = warned.get(receiver.constructor);
  for (const [field, value] of Object.entries(fields)) {
    if (typeof value !== 'string' && (typeof value !== 'object' || value === null)) continue;
    // To count takes as long as to copy: once is enough.
    if (known?.has(field)) continue;
    if (approximateSize(value) > LARGE_BYTES) warn(receiver, field);
  }
}

function warn(receiver: object, field: string): void {
  const ofClass = receiver.constructor;
  let fields = warned.get(ofClass);
  if (!fields) warned.set(ofClass, (fields = new Set<string>()));
  fields.add(field);
  const size = approximateSize((receiver as Record<string, unknown>)[field], Infinity);
  process.emitWarning(
    `${ofClass.name}.${field} has grown to about ${Math.round(size / 1024)} KB, and is copied to the worker with every ` +
      `call. Pass what a call needs as an argument, or mark the field with @Transient().`,
    { code: 'OFFLOOP_LARGE_FIELD' },
  );
}

/** The bytes of a value that are copied, roughly; it stops counting above `limit`. Not on the stack: it may be deep. */
function approximateSize(value: unknown, limit = LARGE_BYTES): number {
  if (typeof value === 'string') return value.length;
  const seen = new Set<unknown>();
  const left = [value];
  let size = 0;
  while (left.length > 0 && size <= limit) {
    const next = left.pop();
    size += 8;
    if (typeof next === 'string') size += next.length;
    if (typeof next !== 'object' || next === null || seen.has(next)) continue;
    seen.add(next);
    const memory = ArrayBuffer.isView(next) ? next.buffer : next;
    if (types.isAnyArrayBuffer(memory)) {
      if (types.isArrayBuffer(memory)) size += (next as ArrayBuffer | ArrayBufferView).byteLength;
      continue;
    }
    for (const parts of partsOf(next)) {
      for (const part of parts) {
        if ((size += 8) > limit) break;
        left.push(part);
      }
    }
  }
  return size;
}

/** What an object holds. To take a Map apart into pairs would take longer than to copy it. */
function partsOf(value: object): readonly Iterable<unknown>[] {
  if (types.isMap(value)) return [value.keys(), value.values()];
  return [types.isSet(value) ? value : Object.values(value)];
}
