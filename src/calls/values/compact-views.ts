/** Arrays of bytes in the compact code: what they are, as a number of a few bits, and their bytes. */
import type { MetObjects } from './met-objects';
import { types } from 'node:util';
import { classNumberOf, copyOf, viewClasses, viewOf, type View } from './array-views';

export const BUFFER = 1;
/** The kind of a view of the first class. */
const FIRST_CLASS = 2;

/**
 * The kind of a view; 0 for one that the code does not carry: of memory that is shared, that may grow or that it
 * sees a part of, or of a class of its own. A Buffer is carried without what lies about it.
 */
export function kindOfView(view: View): number {
  const prototype: unknown = Object.getPrototypeOf(view);
  const buffer: ArrayBuffer & { resizable?: boolean } = view.buffer;
  // What is detached is empty too, and the other codes refuse it; a DataView of it has no length to look at.
  if (!types.isArrayBuffer(buffer) || buffer.byteLength === 0 || buffer.resizable) return 0;
  if (view.byteLength === 0) return 0;
  if (prototype === Buffer.prototype) return types.isUint8Array(view) ? BUFFER : 0;
  if (!isWhole(view)) return 0;
  const index = classNumberOf(view);
  return index >= 0 && prototype === viewClasses[index].prototype ? FIRST_CLASS + index : 0;
}

/** True for a view of all that its buffer holds: others may see the same. */
function isWhole({ byteLength, buffer }: View): boolean {
  return byteLength === buffer.byteLength;
}

/** Notes among what was seen the buffer that a view may share; false when it was: two views have to go on sharing it. */
export function isFirstOf(view: View, seen: MetObjects): boolean {
  if (!isWhole(view)) return true;
  if (seen.find(view.buffer) >= 0) return false;
  seen.add(view.buffer);
  return true;
}

/** A view of a buffer of its own. */
export function readView(kind: number, bytes: Uint8Array): Uint8Array | View {
  return wholeView(kind, copyOf(bytes));
}

/** A view of all of a buffer, which nothing else sees. */
export function wholeView(kind: number, own: Buffer): Uint8Array | View {
  return kind === BUFFER ? own : viewOf(kind - FIRST_CLASS, own.buffer as ArrayBuffer);
}
