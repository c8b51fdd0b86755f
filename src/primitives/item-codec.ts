/**
 * Items that are not small as bytes. Plain data travels as JSON when JSON keeps all of it, since nothing is
 * faster but for long texts; the rest goes by the v8 codec, which is structured clone.
 */
import { serialize } from 'node:v8';
import { describeValue } from '../calls/values/describe-value';
import { isDisguised } from '../calls/values/cloneable';
import { NotCloneableError } from '../calls/errors';
import type { View } from '../calls/values/array-views';
import { alone, Deserializer } from '../calls/wire/frame-codec';
import { adopt, isForeign } from '../calls/values/realm';
import { isDense } from '../calls/values/dense';
import { refuseSharedParts } from './shared-parts';

export const Tag = { compact: 0, json: 1, v8: 2 } as const;

/** An item as bytes. */
export interface EncodedItem {
  readonly tag: number;
  readonly bytes: Uint8Array;
}

/** How deep, and over how many objects, the look goes that tells whether JSON will do. */
const JSON_DEPTH = 6;
const JSON_OBJECTS = 32;
/** How many characters a text may have: JSON and UTF-8 look at each one, where the v8 codec copies them. */
const JSON_TEXT = 512;

/** True when JSON loses nothing of a value, and no text in it is longer. */
function isJson(value: unknown, longest: number, depth = JSON_DEPTH, seen: object[] = []): boolean {
  switch (typeof value) {
    case 'string':
      return value.length <= longest;
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0);
    case 'object':
      return value === null || isJsonObject(value, longest, depth, seen);
    default:
      return false;
  }
}

function isJsonObject(value: object, longest: number, depth: number, seen: object[]): boolean {
  // An object that is met twice has to stay one.
  if (depth === 0 || seen.length === JSON_OBJECTS || seen.includes(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if ((prototype !== Object.prototype && prototype !== Array.prototype) || isDisguised(value)) return false;
  seen.push(value);
  const keys = Object.keys(value);
  // Holes, and properties of an array beside its items, are lost in JSON.
  if (prototype === Array.prototype && !isDense(value as unknown[], keys)) return false;
  return keys.every(
    (key) => key !== 'toJSON' && isJson((value as Record<string, unknown>)[key], longest, depth - 1, seen),
  );
}

/** Arrays of bytes have a buffer of their own: small ones would be views of one that Node.js shares out. */
class ItemDeserializer extends Deserializer {
  override _readHostObject(): unknown {
    return alone(super._readHostObject() as View);
  }
}

/**
 * Encodes an item into bytes of its own.
 *
 * @throws {@link NotCloneableError} when structured clone cannot copy it, or would share a part of it
 */
export function encodeItem(what: string, item: unknown): EncodedItem {
  const json = encodeJson(item, JSON_TEXT);
  if (json) return json;
  try {
    refuseSharedParts(what, item);
    // In an array, which tells on the other side whether the delivery is of another realm.
    return { tag: Tag.v8, bytes: serialize([item]) };
  } catch (cause) {
    if (cause instanceof NotCloneableError) throw cause;
    throw new NotCloneableError(
      `${what}: the item is ${describeValue(item)}, which cannot be copied: ${(cause as Error).message} Pass plain data.`,
      'item',
      { cause },
    );
  }
}

/** Encodes an item as JSON, if that loses nothing: wide texts take fewer bytes so. */
export function encodeJson(item: unknown, longest = Infinity): EncodedItem | undefined {
  if (!isJson(item, longest)) return undefined;
  return { tag: Tag.json, bytes: Buffer.from(JSON.stringify(item)) };
}

/** The item of bytes that {@link encodeItem} wrote. */
export function decodeItem(tag: number, bytes: Buffer): unknown {
  if (tag === Tag.json) return JSON.parse(bytes.toString('utf8'));
  const deserializer = new ItemDeserializer(bytes);
  deserializer.readHeader();
  const delivered = deserializer.readValue() as unknown[];
  return (isForeign(delivered) ? adopt(delivered) : delivered)[0];
}
