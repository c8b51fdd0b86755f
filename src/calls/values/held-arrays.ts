/**
 * Arrays of bytes that an encoded value holds: they are the caller's still, all else is a copy.
 *
 * Between threads, structured clone copies such an array twice: into the message, and out of it. A copy that is made
 * here and moved is made once, so large arrays are replaced by such copies while their message is posted. Small ones
 * are replaced for good where the value has to wait.
 */
import { types } from 'node:util';
import { classNumberOf, copyOf, viewOf, type View } from './array-views';
import { madeOnce } from '../made-once';
import type { Path } from './patches';
import type { Transferable } from './transfer';

/** From so many bytes on it is worth the effort. */
const LARGE_BYTES = 128 * 1024;

export interface HeldArray {
  /** Where it stands in the value. */
  readonly path: Path;
  readonly array: ArrayBuffer | View;
}

/**
 * Shared memory is not copied at all, and a buffer that may grow has to stay one. What names itself otherwise than the
 * language does, as a class that extends an array may, is left to structured clone.
 */
export function isCopied(value: ArrayBufferView | ArrayBufferLike): value is ArrayBuffer | View {
  const buffer = bufferOf(value);
  return (
    types.isArrayBuffer(buffer) &&
    !(buffer as { resizable?: boolean }).resizable &&
    (!ArrayBuffer.isView(value) || Buffer.isBuffer(value) || classNumberOf(value as View) >= 0)
  );
}

export function isLarge(array: ArrayBufferView | ArrayBufferLike): boolean {
  return bufferOf(array).byteLength >= LARGE_BYTES;
}

/** Puts copies where arrays stand, for good, if they have no more bytes than that; false when nothing is replaced. */
export function keepCopies(value: unknown, arrays: readonly HeldArray[], mostBytes: number): boolean {
  const bytes = arrays.reduce((sum, { array }) => sum + bufferOf(array).byteLength, 0);
  return bytes <= mostBytes && putCopies(value, arrays).transfer.length > 0;
}

/**
 * Puts copies where arrays stand, but for those that are moved themselves; returns the value and what to move.
 * Nothing is replaced when a Map or a Set holds one of them.
 */
export function putCopies(
  value: unknown,
  arrays: readonly HeldArray[],
  transfer: readonly Transferable[] = [],
): { value: unknown; transfer: readonly Transferable[] } {
  const whole: Holder = { value };
  const holders = arrays.map(({ path }) => holderOf(whole, path));
  const buffers = new Map<ArrayBuffer, ArrayBuffer>();
  const copies = new Map<object, object>();
  if (!holders.includes(undefined))
    arrays.forEach(({ path, array }, index) => {
      if (transfer.includes(bufferOf(array))) return;
      const copy = madeOnce(copies, array, () => copyWithin(buffers, array));
      (holders[index] as Holder)[path.at(-1) ?? 'value'] = copy;
    });
  return { value: whole.value, transfer: [...transfer, ...buffers.values()] };
}

/** Puts the arrays back to where {@link putCopies} has put copies of them. */
export function takeCopiesOut(value: unknown, arrays: readonly HeldArray[]): void {
  for (const { path, array } of arrays) {
    const holder = holderOf({ value }, path);
    if (holder) holder[path.at(-1) ?? 'value'] = array;
  }
}

type Holder = Record<string | number, unknown>;

/** What holds the part of a value that a path leads to; undefined when a Map or a Set is on the way. */
function holderOf(whole: Holder, path: Path): Holder | undefined {
  let holder: unknown = whole;
  for (let index = 0; index < path.length; index++) {
    holder = (holder as Holder)[index === 0 ? 'value' : path[index - 1]];
    if (types.isMap(holder) || types.isSet(holder)) return undefined;
  }
  return holder as Holder;
}

export function bufferOf(array: ArrayBufferView | ArrayBufferLike): ArrayBuffer {
  return (ArrayBuffer.isView(array) ? array.buffer : array) as ArrayBuffer;
}

/** A copy of an array, which shares its memory with the copies of those that share theirs with the array. */
function copyWithin(buffers: Map<ArrayBuffer, ArrayBuffer>, array: ArrayBuffer | View): ArrayBuffer | View {
  const buffer = bufferOf(array);
  const known = buffers.get(buffer);
  if (known) return sameView(array, known);
  // As most are: no view has to be made of what a Buffer sees.
  const isAll = Buffer.isBuffer(array) && array.byteLength === buffer.byteLength;
  const copy = copyOf(isAll ? array : new Uint8Array(buffer));
  buffers.set(buffer, copy.buffer);
  return isAll ? copy : sameView(array, copy.buffer);
}

function sameView(array: ArrayBuffer | View, buffer: ArrayBuffer): ArrayBuffer | View {
  if (Buffer.isBuffer(array)) return Buffer.from(buffer, array.byteOffset, array.byteLength);
  return ArrayBuffer.isView(array)
    ? viewOf(classNumberOf(array), buffer, array.byteOffset, array.byteLength)
    : buffer;
}
