import { types } from 'node:util';
import type { ClassDescriptor } from './callable';
import { describeValue, isCarriedAsItIs, isOpaque, isPlatformObject, opaqueMend } from './cloneable';
import { describeError, isError, readProperty } from './error-codec';
import { NotCloneableError } from './errors';
import { formatPath } from './format-path';
import { isLarge, type LargeArray } from './large-arrays';
import { isTransient, portableDescriptorOf, toPortableHook } from './portable';
import { transferListOf, type Transferable } from './transfer';

/** Steps from a value to a part of it: property names, or positions in a Map (key, value, ...) or a Set. */
export type Path = readonly (string | number)[];

export type Patch =
  | readonly [path: Path, kind: 'buffer' | 'null-prototype' | 'signal' | 'url' | 'search-params' | 'error']
  | readonly [path: Path, kind: 'portable' | 'from-portable', of: ClassDescriptor]
  | readonly [path: Path, kind: 'same-as', patch: number];

export interface EncodeOptions {
  /** What the value is, for messages: `arguments`, `result`, `this`. */
  readonly root: string;
  /** Instances of classes that are not portable: copied to plain objects, as structured clone does, or refused. */
  readonly instances?: 'strip' | 'refuse';
  /** SharedArrayBuffers cannot leave the process. */
  readonly sharedMemory?: boolean;
}

/** How deep parts may stand. The other side reads them on its stack, which has room for half as many more. */
const MOST_LEVELS = 1_000;
const secondSignalMend = 'a call has one signal: pass AbortSignal.any([first, second]) in place of both';

/** Builds the copy of a value that travels, and notes what has to be revived where. */
export class Encoder {
  readonly patches: Patch[] = [];
  readonly transfer: Transferable[] = [];
  readonly large: LargeArray[] = [];
  readonly #options: EncodeOptions;
  readonly #copies = new Map<object, unknown>();
  /** The patch that revives a value whose stand-in cannot be shared by reference. */
  readonly #revivedBy = new Map<object, number>();

  constructor(options: EncodeOptions) {
    this.#options = options;
  }

  /** @param keys - the path in the caller's terms; @param path - the path in the encoded value */
  encode(value: unknown, keys: readonly PropertyKey[], path: Path): unknown {
    if (typeof value === 'function' || typeof value === 'symbol') this.#refuse(value, keys);
    if (typeof value !== 'object' || value === null) return value;
    const revivedBy = this.#revivedBy.get(value);
    if (revivedBy !== undefined) {
      this.patches.push([path, 'same-as', revivedBy]);
      return {};
    }
    const copy = this.#copies.get(value);
    if (copy !== undefined) {
      if (ArrayBuffer.isView(copy)) this.#noteLarge(copy, path);
      return copy;
    }
    if (keys.length > MOST_LEVELS) this.#refuse(value, keys, `${MOST_LEVELS} levels are the most`);
    this.transfer.push(...(transferListOf(value) ?? []));
    if (ArrayBuffer.isView(value)) return this.#encodeView(value, keys, path);
    if (types.isSharedArrayBuffer(value) && this.#options.sharedMemory === false) {
      this.#refuse(value, keys, 'shared memory cannot leave its process: use an executor of threads');
    }
    if (value instanceof AbortSignal && this.#options.root === 'arguments' && keys.length === 1) {
      if (this.patches.some(([, kind]) => kind === 'signal')) this.#refuse(value, keys, secondSignalMend);
      this.#revivedBy.set(value, this.patches.push([path, 'signal']) - 1);
      return null;
    }
    if (types.isAnyArrayBuffer(value)) this.#noteLarge(value, path);
    if (isCarriedAsItIs(value)) return value;
    if (isPlatformObject(value)) {
      if (this.#options.sharedMemory !== false) return value;
      this.#refuse(value, keys, 'it cannot leave its process: use an executor of threads, or pass its bytes');
    }
    if (isOpaque(value)) this.#refuse(value, keys, opaqueMend(value));
    return this.#encodeObject(value, keys, path);
  }

  #encodeView(value: ArrayBufferView, keys: readonly PropertyKey[], path: Path): unknown {
    if (types.isSharedArrayBuffer(value.buffer) && this.#options.sharedMemory === false) {
      this.#refuse(value, keys, 'shared memory cannot leave its process: use an executor of threads');
    }
    if (!Buffer.isBuffer(value)) {
      this.#noteLarge(value, path);
      return value;
    }
    // A small Buffer is a view of a shared pool: structured clone would carry the whole pool.
    const own = value.byteLength < value.buffer.byteLength && !types.isSharedArrayBuffer(value.buffer);
    const bytes = own ? new Uint8Array(value) : value;
    this.#copies.set(value, bytes);
    this.patches.push([path, 'buffer']);
    this.#noteLarge(bytes, path);
    return bytes;
  }

  #noteLarge(array: ArrayBufferView | ArrayBufferLike, path: Path): void {
    if (isLarge(array)) this.large.push({ path, array });
  }

  #encodeObject(value: object, keys: readonly PropertyKey[], path: Path): unknown {
    if (Array.isArray(value)) return this.#encodeFields(value, keys, path, new Array(value.length));
    if (types.isMap(value)) return this.#encodeMap(value, keys, path);
    if (types.isSet(value)) return this.#encodeSet(value, keys, path);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === null) {
      const copy = this.#encodeFields(value, keys, path, {});
      this.patches.push([path, 'null-prototype']);
      return copy;
    }
    const portable = portableDescriptorOf(value);
    if (isError(value)) return this.#encodeError(value, portable, keys, path);
    if (portable) return this.#encodePortable(value, portable, keys, path);
    if (value instanceof URL) return this.#standIn(value, value.href, [path, 'url']);
    if (value instanceof URLSearchParams) return this.#standIn(value, String(value), [path, 'search-params']);
    if (Object.getPrototypeOf(prototype) === null) return this.#encodeFields(value, keys, path, {});
    return this.#encodeInstance(value, keys, path);
  }

  /** An instance of a class that is not portable: all of it can be copied, or the instance is refused. */
  #encodeInstance(value: object, keys: readonly PropertyKey[], path: Path): unknown {
    if (this.#options.instances === 'refuse') {
      this.#refuse(value, keys, 'put @Portable() on its class, or keep it at home with @Transient()');
    }
    try {
      return this.#encodeFields(value, keys, path, {});
    } catch (error) {
      if (error instanceof NotCloneableError) this.#refuse(value, keys, `it holds ${error.path}`);
      throw error;
    }
  }

  #encodeFields(value: object, keys: readonly PropertyKey[], path: Path, copy: object): unknown {
    this.#copies.set(value, copy);
    for (const key of Object.keys(value)) {
      const named = Array.isArray(value) && /^\d+$/.test(key) ? Number(key) : key;
      const field = this.encode((value as Record<string, unknown>)[key], [...keys, named], [...path, key]);
      // Defined, not assigned: a key named __proto__ stays a key.
      Object.defineProperty(copy, key, {
        value: field,
        writable: true,
        enumerable: true,
        configurable: true,
      });
    }
    return copy;
  }

  #encodeMap(value: Map<unknown, unknown>, keys: readonly PropertyKey[], path: Path): unknown {
    const copy = new Map<unknown, unknown>();
    this.#copies.set(value, copy);
    let index = 0;
    for (const [key, item] of value) {
      const encodedKey = this.encode(key, [...keys, `key ${index / 2}`], [...path, index++]);
      copy.set(
        encodedKey,
        this.encode(item, [...keys, typeof key === 'string' ? key : describeValue(key)], [...path, index++]),
      );
    }
    return copy;
  }

  #encodeSet(value: Set<unknown>, keys: readonly PropertyKey[], path: Path): unknown {
    const copy = new Set<unknown>();
    this.#copies.set(value, copy);
    let index = 0;
    for (const item of value) {
      copy.add(this.encode(item, [...keys, index], [...path, index++]));
    }
    return copy;
  }

  #encodeError(
    error: Error,
    portable: ClassDescriptor | undefined,
    keys: readonly PropertyKey[],
    path: Path,
  ): unknown {
    const patch = this.patches.push([path, 'error']) - 1;
    this.#revivedBy.set(error, patch);
    const { nested, ...data } = describeError(error, portable);
    const encoded: Record<string, unknown> = { ...data };
    for (const [name, field] of Object.entries(nested)) {
      encoded[name] = this.#encodeNested(field, [...keys, name], [...path, name]);
    }
    return encoded;
  }

  /** Fields of an error: one that cannot be copied becomes a note, for an error must not be lost over it. */
  #encodeNested(field: unknown, keys: readonly PropertyKey[], path: Path): unknown {
    const undo = this.#mark();
    try {
      return this.encode(field, keys, path);
    } catch {
      undo();
      const isPlain =
        typeof field === 'object' && field !== null && Object.getPrototypeOf(field) === Object.prototype;
      if (!isPlain || keys.length > 3) return `[not cloneable: ${describeValue(field)}]`;
      const copy: Record<string, unknown> = {};
      for (const name of Object.keys(field)) {
        copy[name] = this.#encodeNested(readProperty(field, name), [...keys, name], [...path, name]);
      }
      return copy;
    }
  }

  /** Returns what forgets all that is encoded from now on: on the way to a failure it is incomplete. */
  #mark(): () => void {
    const { length } = this.patches;
    const transfers = this.transfer.length;
    const maps = [this.#copies, this.#revivedBy].map((map: Map<object, unknown>) => ({
      map,
      size: map.size,
    }));
    return () => {
      this.patches.length = length;
      this.transfer.length = transfers;
      for (const { map, size } of maps) [...map.keys()].slice(size).forEach((key) => map.delete(key));
    };
  }

  #encodePortable(value: object, of: ClassDescriptor, keys: readonly PropertyKey[], path: Path): unknown {
    const hook = (value as Record<string, unknown>)[toPortableHook];
    if (typeof hook === 'function') {
      const data: unknown = hook.call(value);
      if (this.#options.sharedMemory === false && Object.values(data ?? {}).some(types.isSharedArrayBuffer)) {
        this.#refuse(value, keys, 'shared memory cannot leave its process: use an executor of threads');
      }
      const encoded = this.encode(data, keys, [...path, 0]);
      return this.#standIn(value, encoded, [path, 'from-portable', of]);
    }
    const copy = {};
    this.#copies.set(value, copy);
    for (const key of Object.keys(value)) {
      if (isTransient(value, key)) continue;
      const field = this.encode((value as Record<string, unknown>)[key], [...keys, key], [...path, key]);
      Object.defineProperty(copy, key, {
        value: field,
        writable: true,
        enumerable: true,
        configurable: true,
      });
    }
    this.patches.push([path, 'portable', of]);
    return copy;
  }

  /** An object of its own each time: as a key of a Map, or in a Set, it must not collide with another. */
  #standIn(value: object, data: unknown, patch: Patch): [unknown] {
    this.#revivedBy.set(value, this.patches.push(patch) - 1);
    return [data];
  }

  #refuse(value: unknown, keys: readonly PropertyKey[], why?: string): never {
    const path = formatPath(this.#options.root, keys);
    throw new NotCloneableError(
      `${path} is ${describeValue(value)}, which cannot be copied to a worker${why ? `: ${why}` : ''}.`,
      path,
    );
  }
}
