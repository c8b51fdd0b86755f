/**
 * Values on their way to another thread or process.
 *
 * A payload is a value that structured clone and the v8 codec both carry, plus patches: what is lost on
 * the way (a Buffer's or a class's prototype, URLs, errors ...) stands in the value as plain data, and a patch
 * says where, and as what to revive it. Most values need no patch, and are sent as they are.
 */
import { weighClean } from './quick-look';
import { NotCloneableError } from '../errors';
import type * as heldArrays from './held-arrays';
import type { HeldArray } from './held-arrays';
import { loadLaterInWorkers } from '../load-later';
import type * as payloadDecoder from './payload-decoder';
import type * as payloadEncoder from './payload-encoder';
import type { Patch } from './patches';
import type { EncodeOptions } from './payload-encoder';
import { movable, transferListOf, type Transferable } from './transfer';

export type { Patch } from './patches';

// Many workers only ever see values that need no patch.
/* eslint-disable @typescript-eslint/no-require-imports */
const loadEncoder = loadLaterInWorkers('values', () => require('./payload-encoder') as typeof payloadEncoder);
const loadDecoder = loadLaterInWorkers('values', () => require('./payload-decoder') as typeof payloadDecoder);
const loadArrays = loadLaterInWorkers('values', () => require('./held-arrays') as typeof heldArrays);
/* eslint-enable @typescript-eslint/no-require-imports */

/** A symbol: what an executor ships of an envelope does not hold them again. */
const held = Symbol('held arrays');

export interface Payload {
  readonly value: unknown;
  readonly patches: readonly Patch[] | undefined;
  readonly transfer: readonly Transferable[] | undefined;
  /**
   * Of plain data, in which nothing refers to what holds it: how many parts it has.
   *
   * @internal
   */
  readonly parts?: number;
  /**
   * True when it is a copy, of which the caller holds nothing but arrays.
   *
   * @internal
   */
  readonly isOwn?: boolean;
  /**
   * The arrays of the caller's that a copy holds. They are not in a WeakMap by their value: what stands in one survives
   * until the next major garbage collection, and with it the arrays of every call.
   *
   * @internal
   */
  readonly [held]?: readonly HeldArray[];
}

export type Post = (value: unknown, transfer: readonly Transferable[] | undefined) => void;

/**
 * Turns a value into a payload.
 *
 * @throws {@link NotCloneableError} with the path to the first part that cannot be copied
 */
export function encodePayload(value: unknown, options: EncodeOptions): Payload {
  const parts = weighClean(value, !options.refuseInstances);
  if (parts >= 0)
    return { value, patches: undefined, transfer: movable(transferListOf(value), options.root), parts };
  const encoder = new (loadEncoder().Encoder)(options);
  const encoded = encoder.encodeRoot(value);
  return {
    value: encoded,
    patches: encoder.patches.length > 0 ? encoder.patches : undefined,
    transfer: encoder.transfer.length > 0 ? movable(encoder.transfer, options.root) : undefined,
    isOwn: !encoder.isShared,
    [held]: encoder.arrays.length > 0 ? encoder.arrays : undefined,
  };
}

const none: readonly HeldArray[] = [];

/** The payload without anything of the caller's, if that takes a copy of no more than so many bytes of arrays. */
export function keepArrays(payload: Payload, mostBytes: number): Payload | undefined {
  const { value, isOwn, [held]: arrays } = payload;
  if (!isOwn || !arrays) return isOwn ? payload : undefined;
  return loadArrays().keepCopies(value, arrays, mostBytes) ? { ...payload, [held]: undefined } : undefined;
}

/** True when the caller holds nothing of it, nor anyone else. */
export const isKept = (payload: Payload): boolean => payload.isOwn === true && !payload[held];

/**
 * Posts a payload's value to another thread: of large arrays copies, which are moved.
 *
 * @throws what structured clone says of a value that it cannot copy
 */
export function postPayload(payload: Payload, post: Post): void {
  const { value, transfer } = payload;
  const arrays = payload[held]?.filter(({ array }) => loadArrays().isLarge(array)) ?? none;
  if (arrays.length === 0) {
    post(value, transfer);
    return;
  }
  const { putCopies, takeCopiesOut } = loadArrays();
  const copied = putCopies(value, arrays, transfer);
  try {
    post(copied.value, copied.transfer);
  } finally {
    takeCopiesOut(value, arrays);
  }
}

/**
 * Explains why a boundary refused a value that {@link encodePayload} only had a quick look at: a NotCloneableError
 * with the path to the part that cannot be copied, where it is known, else the error itself.
 */
export function refusalOf(
  error: unknown,
  value: unknown,
  root: string,
  moved: Payload['transfer'] = [],
): unknown {
  if (error instanceof NotCloneableError) return error;
  try {
    const encoder = new (loadEncoder().Encoder)({ root, isRefused: true });
    encoder.transfer.push(...moved);
    encoder.encode(value);
  } catch (found) {
    if (found instanceof NotCloneableError) return found;
  }
  return error;
}

/**
 * Turns a payload's value and patches, as they arrived, back into what was sent.
 *
 * @param signal - the live signal that stands for an AbortSignal among the arguments
 */
export function decodePayload(
  value: unknown,
  patches: readonly Patch[] | undefined,
  signal?: AbortSignal,
): unknown {
  return patches ? new (loadDecoder().Decoder)(value, signal).decode(patches) : value;
}
