/**
 * What a call that waits was given is the caller's, who may change it before a worker takes the call. Small data is
 * copied as the call begins to wait, so that it arrives as it was; a large array would be copied once for each call
 * that waits, and so much memory is worse: it is copied when the call is sent.
 */
import { types } from 'node:util';
import type { Envelope } from '../../calls/call';
import { CHARACTERS_PER_PART } from '../../calls/values/quick-look';
import { isDisguised } from '../../calls/values/cloneable';
import { isDense } from '../../calls/values/dense';
import { keepArrays, type Payload } from '../../calls/values/payload';
import type { ReceiverData } from '../../calls/receiver';
import { isOrdinary } from '../../calls/values/user-classes';
import { weigh } from '../../calls/values/weigh';
import { MetObjects } from '../../calls/values/met-objects';
import { clone } from '../../calls/values/clone';

/** Data of so many parts is copied; so many bytes count as one. */
const MOST_PARTS = 1_024;
const BYTES_PER_PART = CHARACTERS_PER_PART;
const MOST_BYTES = MOST_PARTS * BYTES_PER_PART;
const FEW_BYTES = 65_536;
/** With so many in a list, structured clone is quicker. */
const MANY_DATES = 256;

/** Little is what holds no more objects, each of no more parts; and what is copied here at all. */
const LITTLE = { objects: 32, items: 128 };
const PLAIN = { objects: MOST_PARTS, items: MOST_PARTS };

let most = LITTLE;

/**
 * The envelope with a copy of its arguments, if these are little plain data, as most are; undefined when they are not.
 *
 * @throws what structured clone says of a receiver that it cannot copy
 */
export function keepLittle(envelope: Envelope): Envelope | undefined {
  const { args } = envelope;
  if (args.transfer) return undefined;
  const own = keepArrays(args, FEW_BYTES);
  if (own) return withArguments(envelope, own);
  const kept = keepPlain(args.value as unknown[], LITTLE);
  return kept && withValues(envelope, kept);
}

/**
 * The envelope with a copy of what is small, and with what is to be moved.
 *
 * @throws what structured clone says of a value that it cannot copy
 */
export function keepEnvelope(envelope: Envelope): Envelope {
  const { args } = envelope;
  const { value, transfer, patches, parts } = args;
  if (transfer) {
    const [moved, list] = clone([value, transfer] as const, transfer);
    return withArguments(envelope, { value: moved, patches, transfer: list });
  }
  const own = keepArrays(args, MOST_BYTES);
  if (own) return withArguments(envelope, own);
  const values = value as unknown[];
  return withValues(envelope, parts === undefined ? keepClone(values) : keepWeighed(values, parts));
}

function withValues(envelope: Envelope, value: object): Envelope {
  const { args } = envelope;
  const { patches } = args;
  return withArguments(envelope, value === args.value ? args : { value, patches, transfer: undefined });
}

function withArguments(envelope: Envelope, args: Payload): Envelope {
  const receiver = envelope.receiver && keepReceiver(envelope.receiver);
  return args === envelope.args && receiver === envelope.receiver
    ? envelope
    : { ...envelope, args, receiver };
}

/** Receivers that hold primitives alone: they are the same in many calls, and known by their identity. */
const unchanging = new WeakSet<ReceiverData>();

function keepReceiver(receiver: ReceiverData): ReceiverData {
  const [mode, of, fields, patches] = receiver;
  if (unchanging.has(receiver)) return receiver;
  if (isPrimitive(fields) || (mode !== 'written' && Object.values(fields as object).every(isPrimitive))) {
    unchanging.add(receiver);
    return receiver;
  }
  const kept = ((keepPlain([fields], LITTLE) ?? keepClone([fields])) as unknown[])[0];
  return kept === fields ? receiver : [mode, of, kept, patches];
}

/** The values, or a copy where they hold little plain data; undefined when they hold anything else. */
function keepPlain(values: unknown[], limit: typeof most): object | undefined {
  if (values.every(isPrimitive)) return values;
  most = limit;
  return copyPlain(values, new Copied());
}

/** Plain data that was weighed: a copy, or the values themselves where they are large. */
function keepWeighed(values: unknown[], parts: number): object {
  return parts > MOST_PARTS ? values : (keepPlain(values, PLAIN) ?? clone(values));
}

/** A copy if they are small; else the values themselves. */
function keepClone(values: unknown[]): unknown[] {
  return weigh(values, BYTES_PER_PART, MOST_BYTES) <= MOST_BYTES ? clone(values) : values;
}

function isPrimitive(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

/** What was copied of a value, each beside its copy: what is met twice stays one. */
class Copied {
  readonly #originals = new MetObjects();
  readonly #copies: object[] = [];

  get isFull(): boolean {
    return this.#copies.length === most.objects;
  }

  find(original: object): object | undefined {
    return this.#copies[this.#originals.find(original)];
  }

  expect(more: number): void {
    this.#originals.expect(more);
  }

  add<T extends object>(original: object, copy: T): T {
    this.#originals.add(original);
    this.#copies.push(copy);
    return copy;
  }
}

/** A copy of a few plain objects, arrays, Maps, Sets and dates; undefined when it is another thing. */
function copyPlain(value: object, copied: Copied): object | undefined {
  const known = copied.find(value);
  if (known) return known;
  if (copied.isFull || isDisguised(value) || (Array.isArray(value) && isLong(value))) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Array.prototype) return copyItems(value as unknown[], copied);
  if (prototype === Object.prototype || isOrdinary(prototype)) return copyFields(value, copied);
  if (prototype === Date.prototype && types.isDate(value))
    return copied.add(value, new Date(value.getTime()));
  return copyCollection(value, prototype, copied);
}

/** All at once, which takes the engine half the time, and then what is no primitive. */
function copyFields(value: object, copied: Copied): object | undefined {
  const copy: Record<string, unknown> = { ...value };
  copied.add(value, copy);
  let count = 0;
  // Unlike its keys, it is gone through as it lies in memory.
  for (const key in copy) {
    if (++count > most.items) return undefined;
    const part = copy[key];
    if (typeof part === 'function') return undefined;
    if (isPrimitive(part) || !Object.prototype.hasOwnProperty.call(copy, key)) continue;
    const own = copyPlain(part as object, copied);
    if (!own) return undefined;
    copy[key] = own;
  }
  return copy;
}

function copyItems(value: readonly unknown[], copied: Copied): unknown[] | undefined {
  const keys = Object.keys(value);
  if (keys.length > most.items || !isDense(value, keys)) return undefined;
  if (!isPrimitive(value[0])) copied.expect(value.length);
  return copyParts(value, copied.add(value, []), copied);
}

/** Undefined when one of them is none that is copied here. */
function copyParts(parts: readonly unknown[], copies: unknown[], copied: Copied): unknown[] | undefined {
  // By index: an array may have an iterator of its own.
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index];
    const copy = isPrimitive(part) ? part : copyPlain(part as object, copied);
    if (typeof part === 'function' || (copy === undefined && part !== undefined)) return undefined;
    copies.push(copy);
  }
  return copies;
}

function copyCollection(value: object, prototype: unknown, copied: Copied): object | undefined {
  if (prototype === Set.prototype && types.isSet(value)) {
    if (value.size > most.items) return undefined;
    const copy = copied.add(value, new Set<unknown>());
    const items = copyParts([...value], [], copied);
    items?.forEach((item) => copy.add(item));
    return items && copy;
  }
  if (prototype !== Map.prototype || !types.isMap(value) || 2 * value.size > most.items) return undefined;
  const copy = copied.add(value, new Map<unknown, unknown>());
  const keys = copyParts([...value.keys()], [], copied);
  const items = keys && copyParts([...value.values()], [], copied);
  items?.forEach((item, index) => copy.set(keys?.[index], item));
  return items && copy;
}

/** Whether an array has more items than are copied here; most have items that are alike. */
function isLong({ length, 0: first }: readonly unknown[]): boolean {
  if (isPrimitive(first)) return length > most.items;
  return length > (first instanceof Date ? MANY_DATES : most.objects);
}
