/** A field of `this` above this size is copied with each call, which is seldom what its author meant. */
const LARGE_BYTES = 64 * 1024;

const warned = new WeakMap<object, Set<string>>();

/** Warns once per class and field of one that has grown past 64 KB: it travels with every call. */
export function warnOfLargeFields(receiver: object, fields: Record<string, unknown>): void {
  for (const [field, value] of Object.entries(fields)) {
    if (typeof value !== 'string' && (typeof value !== 'object' || value === null)) continue;
    const size = approximateSize(value);
    if (size > LARGE_BYTES) warnOnce(receiver, field);
  }
}

function warnOnce(receiver: object, field: string): void {
  const ofClass = receiver.constructor;
  let fields = warned.get(ofClass);
  if (!fields) warned.set(ofClass, (fields = new Set<string>()));
  if (fields.has(field)) return;
  fields.add(field);
  const size = approximateSize((receiver as Record<string, unknown>)[field], Infinity);
  process.emitWarning(
    `${ofClass.name}.${field} has grown to about ${Math.round(size / 1024)} KB, and is copied to the worker with every ` +
      `call. Pass what a call needs as an argument, or mark the field with @Transient().`,
    { code: 'OFFLOOP_LARGE_FIELD' },
  );
}

/** The bytes of a value, roughly; it stops counting above `limit`. */
function approximateSize(value: unknown, limit = LARGE_BYTES, seen = new Set<object>()): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 8;
  if (seen.has(value)) return 0;
  seen.add(value);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return value.byteLength;
  let size = 8;
  const parts: Iterable<unknown> =
    value instanceof Map ? [...value].flat() : value instanceof Set ? value : Object.values(value);
  for (const part of parts) {
    size += 8 + approximateSize(part, limit - size, seen);
    if (size > limit) break;
  }
  return size;
}
