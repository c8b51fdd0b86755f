import { types } from 'node:util';
import { isOrdinary } from './user-classes';

/** How deep the quick look goes before the encoder takes over, which also knows cycles. */
const QUICK_DEPTH = 32;
/** How many objects the quick look visits. */
const QUICK_PARTS = 1_000_000;
/** With so many left it begins to remember those that hold more than a few: what is shared must not add up. */
const LEFT_TO_REMEMBER = QUICK_PARTS - 2_000;
const FEW_PARTS = 8;
/** A hole counts as so many: where indices are data, as ids are, there may be more than can be gone through. */
const PARTS_PER_HOLE = 16;

let partsLeft = 0;
let found: Set<object> | undefined;
let instancesArePlain = false;

/** So many characters, as a power of two, weigh as much as a part: a sum of integers takes no memory. */
const CHARACTER_BITS = 7;
export const CHARACTERS_PER_PART = 1 << CHARACTER_BITS;
let weight = 0;

/**
 * A quick look, with little memory of what it has seen: how many parts a value has, when structured clone carries it as
 * it is, or refuses it, as it does proxies. A negative number says nothing yet: the encoder looks again.
 *
 * @param mayHoldInstances - of ordinary classes, which arrive as plain objects; else proxies are looked for too, since
 *   what cannot be copied may have to stay at home
 */
export function weighClean(value: unknown, mayHoldInstances = false): number {
  instancesArePlain = mayHoldInstances;
  partsLeft = QUICK_PARTS;
  weight = 0;
  try {
    return isCleanPart(value, QUICK_DEPTH) ? weight : -1;
  } finally {
    found = undefined;
  }
}

function isCleanPart(value: unknown, depth: number): boolean {
  weight++;
  if (typeof value === 'string') {
    weight += value.length >> CHARACTER_BITS;
    return true;
  }
  if (typeof value !== 'object' || value === null)
    return typeof value !== 'function' && typeof value !== 'symbol';
  if (depth === 0 || --partsLeft < 0 || (!instancesArePlain && types.isProxy(value))) return false;
  return partsLeft < LEFT_TO_REMEMBER ? isFoundClean(value, depth) : isCleanObject(value, depth);
}

function isFoundClean(value: object, depth: number): boolean {
  if (found?.has(value)) return true;
  const before = partsLeft;
  if (!isCleanObject(value, depth)) return false;
  if (before - partsLeft > FEW_PARTS) (found ??= new Set()).add(value);
  return true;
}

function isCleanObject(value: object, depth: number): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Array.prototype) {
    return areClean(value as unknown[], depth - 1);
  }
  if (prototype === Object.prototype) return areCleanFields(value, depth - 1);
  if (prototype === Map.prototype) return types.isMap(value) && areCleanEntries(value, depth - 1);
  if (prototype === Set.prototype) return types.isSet(value) && areCleanMembers(value, depth - 1);
  if (prototype === Date.prototype) return true;
  if (prototype === RegExp.prototype) return types.isRegExp(value);
  return instancesArePlain && isOrdinary(prototype) && areCleanOwn(value, depth - 1);
}

function areCleanFields(value: object, depth: number): boolean {
  for (const key in value) if (!isCleanPart((value as Record<string, unknown>)[key], depth)) return false;
  return true;
}

/** Not what its class defines as enumerable, as an accessor may be: that stays at home. */
function areCleanOwn(value: object, depth: number): boolean {
  for (const key in value) {
    // Not Object.hasOwn: of this one, in such a loop, the engine knows the answer.
    const isOwn = Object.prototype.hasOwnProperty.call(value, key);
    if (isOwn && !isCleanPart((value as Record<string, unknown>)[key], depth)) return false;
  }
  return true;
}

function areCleanEntries(map: Map<unknown, unknown>, depth: number): boolean {
  for (const [key, item] of map) if (!isCleanPart(key, depth) || !isCleanPart(item, depth)) return false;
  return true;
}

function areCleanMembers(set: Set<unknown>, depth: number): boolean {
  for (const item of set) if (!isCleanPart(item, depth)) return false;
  return true;
}

function areClean(items: readonly unknown[], depth: number): boolean {
  for (let index = 0; index < items.length; index++) {
    const item = items[index];
    if (item === undefined && !(index in items) && (partsLeft -= PARTS_PER_HOLE) < 0) return false;
    if (!isCleanPart(item, depth)) return false;
  }
  return true;
}
