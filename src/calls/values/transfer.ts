import type { FileHandle } from 'node:fs/promises';
import type { ReadableStream, TransformStream, WritableStream } from 'node:stream/web';
import { types } from 'node:util';
import type { MessagePort } from 'node:worker_threads';
import { amongCopies } from '../among-copies';
import { describeValue } from './describe-value';
import { InvalidOptionError, NotCloneableError } from '../errors';

/** What Node.js moves. Its types have another name for it in each version. */
export type Transferable =
  ArrayBuffer | MessagePort | FileHandle | ReadableStream | WritableStream | TransformStream;

type AnyReadable = Pick<ReadableStream, 'locked' | 'cancel'>;
type AnyWritable = Pick<WritableStream, 'locked' | 'abort'>;

/**
 * What can be moved: ArrayBuffers, ports, streams ... A view's `buffer` is typed as if it might be shared, and what
 * is global has the types of a browser where the compiler knows those.
 */
export type TransferItem =
  | ArrayBufferLike
  | Pick<MessagePort, 'start' | 'close'>
  | FileHandle
  | AnyReadable
  | AnyWritable
  | { readonly readable: AnyReadable; readonly writable: AnyWritable };

// The copy that marks a value need not be the one that sends it.
const transferLists = amongCopies('transfer-lists', () => new WeakMap<object, readonly Transferable[]>());

/**
 * Marks a value whose `list` of ArrayBuffers, MessagePorts and the like is moved to the other side instead
 * of copied, as an argument or as a result; afterwards they are empty here. Between processes, and for
 * executors that do not copy, it changes nothing.
 *
 * @returns the value itself
 * @throws {@link InvalidOptionError} when the value is no object, or the list is none
 * @example return transfer(pixels, [pixels.buffer]);
 */
export function transfer<T extends object>(value: T, list: readonly TransferItem[]): T {
  if (typeof value !== 'object' || value === null) {
    throw new InvalidOptionError(`transfer: expected an object as the value, found ${describeValue(value)}.`);
  }
  transferLists.set(value, transferListFrom('transfer', list));
  return value;
}

/** @throws {@link InvalidOptionError} when it is no list, or holds what cannot be moved: a view, or no object */
export function transferListFrom(owner: string, list: unknown): readonly Transferable[] {
  const items = Array.isArray(list) ? (list as unknown[]) : undefined;
  const wrong = items?.findIndex((item) => ArrayBuffer.isView(item) || typeof item !== 'object' || !item);
  if (wrong === -1) return items as Transferable[];
  const found = items ? `${describeValue(items[wrong as number])} in it` : describeValue(list);
  throw new InvalidOptionError(
    `${owner}: expected a list of what is to be moved, such as [pixels.buffer], found ${found}.`,
  );
}

/** The transfer list that {@link transfer} noted for a value. */
export function transferListOf(value: unknown): readonly Transferable[] | undefined {
  return typeof value === 'object' && value !== null ? transferLists.get(value) : undefined;
}

/**
 * Returns the list, whose items can be moved, each of them once: parts that share memory may each name it.
 *
 * @throws {@link NotCloneableError} when one was moved before: Node.js would notice only where it arrives
 */
export function movable(
  list: readonly Transferable[] | undefined,
  root: string,
): readonly Transferable[] | undefined {
  if (list?.some(wasMoved)) {
    throw new NotCloneableError(
      `${root}: what is to be moved was moved before, and is empty here. Move it once, or let it be copied.`,
      root,
    );
  }
  return list && [...new Set(list)];
}

function wasMoved(item: unknown): boolean {
  if (!types.isArrayBuffer(item) || item.byteLength > 0) return false;
  try {
    new Uint8Array(item);
    return false;
  } catch {
    return true;
  }
}
