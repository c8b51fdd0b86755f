import type { AnyClass } from './callable';
import { madeOnce } from './made-once';
import { classOf } from './values/user-classes';
import { weigh } from './values/weigh';
import { warn } from './warn';

/** A field of `this` above this size is copied with each call, which is seldom what its author meant. */
const LARGE_BYTES = 64 * 1024;
/** What a value takes beside its characters and bytes. */
const BYTES_PER_PART = 16;

const warned = new WeakMap<object, Set<string>>();

/** Warns once per class and field of one that has grown past 64 KB: it travels with every call. */
export function warnOfLargeFields(receiver: object, fields: Record<string, unknown>): void {
  const known = warned.get(classOf(receiver) as AnyClass);
  for (const [field, value] of Object.entries(fields)) {
    if (typeof value !== 'string' && (typeof value !== 'object' || value === null)) continue;
    // To count takes as long as to copy: once is enough.
    if (known?.has(field)) continue;
    if (weigh(value, BYTES_PER_PART, LARGE_BYTES) > LARGE_BYTES) warnOf(receiver, field);
  }
}

function warnOf(receiver: object, field: string): void {
  const ofClass = classOf(receiver) as AnyClass;
  madeOnce(warned, ofClass, () => new Set()).add(field);
  const size = weigh((receiver as Record<string, unknown>)[field], BYTES_PER_PART);
  warn(
    'OFFLOOP_LARGE_FIELD',
    `${ofClass.name}.${field} has grown to about ${Math.round(size / 1024)} KB, and is copied to the worker with every ` +
      `call. Pass what a call needs as an argument, or mark the field with @Transient().`,
  );
}
