/**
 * What a call that waits was given is the caller's, who may change it before a worker takes the call. Small data is
 * copied as the call begins to wait, so that it arrives as it was; a large array would be copied once for each call
 * that waits, and so much memory is worse: it is copied when the call is sent.
 */
import { types } from 'node:util';
import type { Envelope } from '../calls/call';
import type { View } from '../calls/array-views';
import { isDisguised } from '../calls/cloneable';
import { isWhole, kindOfView, readView } from '../calls/compact-views';
import { isDense } from '../calls/dense';
import type { Payload } from '../calls/payload';
import type { ReceiverData } from '../calls/receiver';
import { clone } from '../calls/clone';

/** Data of so many parts is copied; so many bytes or characters count as one. */
const MOST_PARTS = 1_024;
const BYTES_PER_PART = 128;
/** Plain data of so many objects is copied here, which takes less time than structured clone does to begin. */
const FEW_OBJECTS = 32;
const FEW_ITEMS = 128;
const FEW_BYTES = 65_536;

/** How many bytes of views may be copied yet. */
let bytesLeft = 0;

/**
 * The envelope with a copy of what is small, and with what is to be moved.
 *
 * @throws what structured clone says of a value that it cannot copy
 */
export function keepEnvelope(envelope: Envelope): Envelope {
  const args = keepArguments(envelope.args);
  const receiver = envelope.receiver && keepReceiver(envelope.receiver);
  return args === envelope.args && receiver === envelope.receiver
    ? envelope
    : { ...envelope, args, receiver };
}

function keepArguments(args: Payload): Payload {
  if (args.transfer) {
    const [value, transfer] = clone([args.value, args.transfer] as const, args.transfer);
    return { value, patches: args.patches, transfer };
  }
  const value = keepItems(args.value as unknown[]);
  return value === args.value ? args : { value, patches: args.patches, transfer: undefined };
}

/** Receivers that hold primitives alone: they are the same in many calls, and known by their identity. */
const unchanging = new WeakSet<ReceiverData>();

function keepReceiver(receiver: ReceiverData): ReceiverData {
  const [mode, of, fields, patches] = receiver;
  if (unchanging.has(receiver)) return receiver;
  if (typeof fields !== 'object' || fields === null || Object.values(fields).every(isPrimitive)) {
    unchanging.add(receiver);
    return receiver;
  }
  const kept = keepItems([fields])[0];
  return kept === fields ? receiver : [mode, of, kept, patches];
}

/** The values, copied if they are small; else themselves. */
function keepItems(values: unknown[]): unknown[] {
  if (values.every(isPrimitive)) return values;
  const seen: object[] = [];
  bytesLeft = MOST_PARTS * BYTES_PER_PART;
  const copy = copyPlain(values, seen);
  if (copy !== undefined) return copy as unknown[];
  return isSmall(values) ? clone(values) : values;
}

function isPrimitive(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

/**
 * A copy of a few plain objects, arrays, dates and views, none of which is met twice; undefined when it is another
 * thing.
 */
function copyPlain(value: object, seen: object[]): object | undefined {
  const isOther =
    isDisguised(value) || seen.length === FEW_OBJECTS || (Array.isArray(value) && value.length > FEW_ITEMS);
  if (isOther || seen.includes(value)) return undefined;
  seen.push(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Date.prototype && types.isDate(value)) return new Date(value.getTime());
  if (ArrayBuffer.isView(value)) return copyView(value as View, seen);
  if (prototype !== Object.prototype && prototype !== Array.prototype) return undefined;
  const keys = Object.keys(value);
  if (keys.length > FEW_ITEMS) return undefined;
  if (prototype === Array.prototype && !isDense(value as unknown[], keys)) return undefined;
  const copy = (prototype === Array.prototype ? [] : {}) as Record<string, unknown>;
  for (const key of keys) {
    const part = (value as Record<string, unknown>)[key];
    const copied = isPrimitive(part) ? part : copyPlain(part as object, seen);
    if (typeof part === 'function' || key === '__proto__' || (copied === undefined && part !== undefined))
      return undefined;
    copy[key] = copied;
  }
  return copy;
}

function copyView(view: View, seen: object[]): object | undefined {
  const kind = kindOfView(view);
  if (kind === 0) return undefined;
  const { byteLength, byteOffset, buffer } = view;
  if (byteLength > FEW_BYTES || (bytesLeft -= byteLength) < 0 || seen.includes(buffer)) return undefined;
  if (isWhole(view)) seen.push(buffer);
  return readView(kind, new Uint8Array(buffer, byteOffset, byteLength));
}

/** True when all that a value holds is worth no more than {@link MOST_PARTS}. */
function isSmall(value: unknown): boolean {
  const seen = new Set<unknown>();
  const left: unknown[] = [value];
  let parts = 0;
  while (left.length > 0) {
    const next = left.pop();
    parts += 1 + sizeOf(next) / BYTES_PER_PART;
    if (parts > MOST_PARTS) return false;
    if (isPrimitive(next) || seen.has(next)) continue;
    seen.add(next);
    const inner = partsOf(next as object, MOST_PARTS - parts);
    if (!inner) return false;
    left.push(...inner);
  }
  return true;
}

/** What an object holds; undefined when it is more than `most`. */
function partsOf(value: object, most: number): unknown[] | undefined {
  if (ArrayBuffer.isView(value)) return [];
  const size =
    types.isMap(value) || types.isSet(value) ? value.size : Array.isArray(value) ? value.length : 0;
  if (size > most) return undefined;
  const parts = types.isMap(value)
    ? [...value.keys(), ...value.values()]
    : types.isSet(value)
      ? [...value]
      : Object.values(value);
  return parts.length > 2 * most ? undefined : parts;
}

/** In bytes, as far as it is not in its parts. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  const buffer = ArrayBuffer.isView(value) ? value.buffer : value;
  return types.isArrayBuffer(buffer) ? buffer.byteLength : 0;
}
