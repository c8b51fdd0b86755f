/**
 * Values on their way to another thread or process.
 *
 * A payload is a value that structured clone and the v8 codec both carry, plus patches: what is lost on
 * the way (a Buffer's or a class's prototype, URLs, errors ...) stands in the value as plain data, and a patch
 * says where, and as what to revive it. Most values need no patch, and are sent as they are.
 */
import { isClean } from './cloneable';
import { allocateError, fillError, type ErrorData } from './error-codec';
import { Encoder, type EncodeOptions, type Patch } from './payload-encoder';
import { readPath, writePath } from './payload-path';
import { findPortable, fromPortableHook } from './portable';
import { movable, transferListOf, type Transferable } from './transfer';

export type { Patch } from './payload-encoder';

export interface Payload {
  readonly value: unknown;
  readonly patches: readonly Patch[] | undefined;
  readonly transfer: readonly Transferable[] | undefined;
}

/**
 * Turns a value into a payload.
 *
 * @throws {@link NotCloneableError} with the path to the first part that cannot be copied
 */
export function encodePayload(value: unknown, options: EncodeOptions): Payload {
  if (isClean(value))
    return { value, patches: undefined, transfer: movable(transferListOf(value), options.root) };
  const encoder = new Encoder(options);
  const encoded = encoder.encode(value, [], []);
  const patches = encoder.patches.length > 0 ? encoder.patches : undefined;
  return {
    value: encoded,
    patches,
    transfer: encoder.transfer.length > 0 ? movable(encoder.transfer, options.root) : undefined,
  };
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
  if (!patches) return value;
  const box = { value };
  // Errors are allocated first, since what they hold may refer to them.
  const revived: unknown[] = patches.map(([path, kind]) =>
    kind === 'error' ? allocateError(readPath(box, path) as ErrorData) : undefined,
  );
  patches.forEach((patch, index) => {
    const [path, kind] = patch;
    if (kind === 'error') return;
    revived[index] = patch[1] === 'signal' ? signal : revivePatch(box, patch, revived);
    writePath(box, path, revived[index]);
  });
  // Inner errors come after the errors that hold them, so the last is filled and put in place first.
  for (let index = patches.length - 1; index >= 0; index--) {
    const [path, kind] = patches[index];
    if (kind !== 'error') continue;
    fillError(revived[index] as Error, readPath(box, path) as ErrorData);
    writePath(box, path, revived[index]);
  }
  return box.value;
}

function revivePatch(box: { value: unknown }, patch: Patch, revived: readonly unknown[]): unknown {
  const data = readPath(box, patch[0]) as never;
  switch (patch[1]) {
    case 'buffer':
      return Object.setPrototypeOf(data, Buffer.prototype as object);
    case 'null-prototype':
      return Object.setPrototypeOf(data, null);
    case 'url':
      return new URL(data);
    case 'search-params':
      return new URLSearchParams(data);
    case 'portable':
      return Object.setPrototypeOf(data, findPortable(patch[2]).prototype as object);
    case 'from-portable':
      return findPortable(patch[2])[fromPortableHook]?.(data);
    case 'same-as':
      return revived[patch[2]];
    default:
      return data;
  }
}
