import { types } from 'node:util';
import type { ClassDescriptor } from './callable';
import {
  describeValue,
  isBuiltIn,
  isCarriedAsItIs,
  isOpaque,
  isPlatformObject,
  opaqueMend,
} from './cloneable';
import { describeError, isError, readProperty } from './error-codec';
import { NotCloneableError } from './errors';
import { EncodedParts } from './encoded-parts';
import { formatPath } from './format-path';
import type { Path } from './patches';
import { isTransient, portableDescriptorOf, toPortableHook } from './portable';
import { transferListOf } from './transfer';

/** An instance of a portable class that writes itself. */
interface Hooked {
  [toPortableHook](): object | null | undefined;
}

export interface EncodeOptions {
  /** What the value is, for messages: `arguments`, `result`, `this`. */
  readonly root: string;
  /** Instances of classes that are not portable: copied to plain objects, as structured clone does, or refused. */
  readonly instances?: 'strip' | 'refuse';
  /** SharedArrayBuffers cannot leave the process. */
  readonly sharedMemory?: boolean;
}

/** The path to a value in the caller's terms. */
type Keys = readonly PropertyKey[];

/** How deep parts may stand. The other side reads them on its stack, which has room for half as many more. */
const MOST_LEVELS = 1_000;
const sharedMend = 'shared memory cannot leave its process: use an executor of threads';
const secondSignalMend = 'a call has one signal: pass AbortSignal.any([first, second]) in place of both';

/** Builds the copy of a value that travels, and notes what has to be revived where. */
export class Encoder extends EncodedParts {
  readonly #options: EncodeOptions;

  constructor(options: EncodeOptions) {
    super();
    this.#options = options;
  }

  /** @param keys - the path in the caller's terms; @param path - the path in the encoded value */
  encode(value: unknown, keys: Keys, path: Path): unknown {
    if (typeof value === 'function' || typeof value === 'symbol') this.#refuse(value, keys);
    if (typeof value !== 'object' || value === null) return value;
    const revivedBy = this.revivedBy.get(value);
    if (revivedBy !== undefined) {
      this.patches.push([path, 'same-as', revivedBy]);
      return {};
    }
    const copy = this.copies.get(value);
    if (copy !== undefined) {
      if (ArrayBuffer.isView(copy)) this.noteArray(copy, path);
      return copy;
    }
    if (keys.length > MOST_LEVELS) this.#refuse(value, keys, `${MOST_LEVELS} levels are the most`);
    this.transfer.push(...(transferListOf(value) ?? []));
    const portable = portableDescriptorOf(value);
    return portable
      ? this.#encodePortable(value, portable, keys, path)
      : this.#encodeOther(value, keys, path);
  }

  /** What is deep comes back here for each level, by as few calls as may be: the stack is short. */
  #encodeOther(value: object, keys: Keys, path: Path): unknown {
    if (ArrayBuffer.isView(value)) return this.#encodeView(value, keys, path);
    if (types.isSharedArrayBuffer(value) && this.#options.sharedMemory === false) {
      this.#refuse(value, keys, sharedMend);
    }
    if (value instanceof AbortSignal && this.#options.root === 'arguments' && keys.length === 1) {
      if (this.patches.some(([, kind]) => kind === 'signal')) this.#refuse(value, keys, secondSignalMend);
      this.revivedBy.set(value, this.patches.push([path, 'signal']) - 1);
      return null;
    }
    if (types.isAnyArrayBuffer(value)) this.noteArray(value, path);
    if (isCarriedAsItIs(value)) return value;
    if (isPlatformObject(value)) {
      if (this.#options.sharedMemory !== false) return value;
      this.#refuse(value, keys, 'it cannot leave its process: use an executor of threads, or pass its bytes');
    }
    if (isOpaque(value)) this.#refuse(value, keys, opaqueMend(value));
    if (Array.isArray(value)) {
      const copy = this.#begin<unknown[]>(value, []);
      this.#fill(copy, value, Object.keys(value), keys, path);
      // Last: memory for holes is not asked for.
      copy.length = value.length;
      return copy;
    }
    if (types.isMap(value)) return this.#encodeMap(value, keys, path);
    if (types.isSet(value)) return this.#encodeSet(value, keys, path);
    const prototype: unknown = Object.getPrototypeOf(value);
    const isPlain = prototype !== null && Object.getPrototypeOf(prototype) === null && !isError(value);
    return isPlain
      ? this.#fill(this.#begin(value, {}), value, Object.keys(value), keys, path)
      : this.#encodeObject(value, keys, path);
  }

  #encodeView(value: ArrayBufferView, keys: Keys, path: Path): unknown {
    if (types.isSharedArrayBuffer(value.buffer) && this.#options.sharedMemory === false) {
      this.#refuse(value, keys, sharedMend);
    }
    if (!Buffer.isBuffer(value)) {
      this.noteArray(value, path);
      return value;
    }
    // A small Buffer is a view of a shared pool: structured clone would carry the whole pool.
    const own = value.byteLength < value.buffer.byteLength && !types.isSharedArrayBuffer(value.buffer);
    const bytes = own ? new Uint8Array(value) : value;
    this.copies.set(value, bytes);
    this.patches.push([path, 'buffer']);
    this.noteArray(bytes, path);
    return bytes;
  }

  #encodeObject(value: object, keys: Keys, path: Path): unknown {
    if (Object.getPrototypeOf(value) === null) {
      const copy = this.#encodeFields(value, keys, path);
      this.patches.push([path, 'null-prototype']);
      return copy;
    }
    if (isError(value)) return this.#encodeError(value, undefined, keys, path);
    if (value instanceof URL) return this.standIn(value, value.href, [path, 'url']);
    if (value instanceof URLSearchParams) return this.standIn(value, String(value), [path, 'search-params']);
    return this.#encodeInstance(value, keys, path);
  }

  /** An instance of a class that is not portable: all of it can be copied, or the instance is refused. */
  #encodeInstance(value: object, keys: Keys, path: Path): unknown {
    if (this.#options.instances === 'refuse') {
      this.#refuse(value, keys, 'put @Portable() on its class, or keep it at home with @Transient()');
    }
    try {
      return this.#encodeFields(value, keys, path);
    } catch (error) {
      if (error instanceof NotCloneableError) this.#refuse(value, keys, `it holds ${error.path}`);
      throw error;
    }
  }

  #encodeFields(value: object, keys: Keys, path: Path): unknown {
    return this.#fill(this.#begin(value, {}), value, Object.keys(value), keys, path);
  }

  #begin<C extends object>(value: object, copy: C): C {
    this.copies.set(value, copy);
    return copy;
  }

  #fill(copy: object, value: object, names: readonly string[], keys: Keys, path: Path): unknown {
    for (const key of names) {
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

  #encodeMap(value: Map<unknown, unknown>, keys: Keys, path: Path): unknown {
    const copy = new Map<unknown, unknown>();
    this.copies.set(value, copy);
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

  #encodeSet(value: Set<unknown>, keys: Keys, path: Path): unknown {
    const copy = new Set<unknown>();
    this.copies.set(value, copy);
    let index = 0;
    for (const item of value) {
      copy.add(this.encode(item, [...keys, index], [...path, index++]));
    }
    return copy;
  }

  #encodeError(error: Error, portable: ClassDescriptor | undefined, keys: Keys, path: Path): unknown {
    const patch = this.patches.push(portable ? [path, 'error', portable] : [path, 'error']) - 1;
    this.revivedBy.set(error, patch);
    const { nested, ...data } = describeError(error, portable);
    const encoded: Record<string, unknown> = { ...data };
    for (const [name, field] of Object.entries(nested)) {
      encoded[name] = this.#encodeNested(field, [...keys, name], [...path, name]);
    }
    return encoded;
  }

  /** Fields of an error: one that cannot be copied becomes a note, for an error must not be lost over it. */
  #encodeNested(field: unknown, keys: Keys, path: Path): unknown {
    const undo = this.mark();
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

  #encodePortable(value: object, of: ClassDescriptor, keys: Keys, path: Path): unknown {
    if (isOpaque(value)) this.#refuse(value, keys, opaqueMend(value));
    const isHooked = typeof (value as Hooked)[toPortableHook] === 'function';
    if (isError(value)) {
      return isHooked
        ? this.#encodeHookedError(value as Error & Hooked, of, keys, path)
        : this.#encodeError(value, of, keys, path);
    }
    if (isHooked) return this.#encodeByHook(value as Hooked, of, keys, path);
    const names = Object.keys(value).filter((key) => !isTransient(value, key));
    if (isBuiltIn(value)) return this.#encodeExtended(value, names, of, keys, path);
    const copy = this.#begin<object>(value, Array.isArray(value) ? [] : {});
    this.#fill(copy, value, names, keys, path);
    if (Array.isArray(value)) (copy as unknown[]).length = value.length;
    this.patches.push([path, 'portable', of]);
    return copy;
  }

  #encodeByHook(value: Hooked, of: ClassDescriptor, keys: Keys, path: Path): unknown[] {
    const data = value[toPortableHook]();
    if (this.#options.sharedMemory === false && Object.values(data ?? {}).some(types.isSharedArrayBuffer)) {
      this.#refuse(value, keys, sharedMend);
    }
    const encoded = this.encode(data, keys, [...path, 0]);
    return this.standIn(value, encoded, [path, 'from-portable', of]);
  }

  /** Beside what it writes stands what any error has. If it cannot write itself, that has to do. */
  #encodeHookedError(error: Error & Hooked, of: ClassDescriptor, keys: Keys, path: Path): unknown {
    const undo = this.mark();
    try {
      const data = { ...describeError(error, of), nested: undefined };
      return [...this.#encodeByHook(error, of, keys, path), data];
    } catch {
      undo();
      return this.#encodeError(error, of, keys, path);
    }
  }

  /** Of a class that extends one that is carried: an instance of that, and beside it the fields. */
  #encodeExtended(
    value: object,
    names: readonly string[],
    of: ClassDescriptor,
    keys: Keys,
    path: Path,
  ): unknown {
    const base = this.#encodeOther(value, keys, [...path, 0]);
    if (!this.revivedBy.has(value)) this.copies.set(value, base);
    // Where it has items, their indices are keys too.
    const beside = names.filter((key) => !/^\d+$/.test(key));
    const fields = this.#fill({}, value, beside, keys, [...path, 1]);
    this.patches.push([path, 'extended', of]);
    return [base, fields];
  }

  #refuse(value: unknown, keys: Keys, why?: string): never {
    const path = formatPath(this.#options.root, keys);
    throw new NotCloneableError(
      `${path} is ${describeValue(value)}, which cannot be copied to a worker${why ? `: ${why}` : ''}.`,
      path,
    );
  }
}
