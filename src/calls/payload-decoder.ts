import { types } from 'node:util';
import type { ClassDescriptor } from './callable';
import { allocateError, fillError, type ErrorData } from './error-codec';
import type { Patch, Path } from './patches';
import { findPortable, fromPortableHook } from './portable';

/** What is whole only when the patches inside it have been applied. */
interface Unfinished {
  readonly path: Path;
  finish(): void;
}

/**
 * Applies patches in their order, which is that in which the encoder went through the value: outer parts are
 * begun before inner ones and are finished after them. So an error that is data of an instance is whole before
 * the instance is revived, and a Map or Set is taken apart and put together once.
 */
export class Decoder {
  #value: unknown;
  readonly #revived: unknown[] = [];
  readonly #unfinished: Unfinished[] = [];
  /** Of Maps and Sets that were taken apart: keys and items in turn. */
  readonly #parts = new Map<object, unknown[]>();

  /** @param signal - the live signal that stands for an AbortSignal among the arguments */
  constructor(
    value: unknown,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.#value = value;
  }

  decode(patches: readonly Patch[]): unknown {
    for (const patch of patches) {
      const [path, kind] = patch;
      while (this.#unfinished.length > 0 && !isInside(path, this.#unfinished.at(-1) as Unfinished)) {
        this.#finish();
      }
      const revived = kind === 'error' ? this.#beginError(path, patch[2]) : this.#revive(patch);
      this.#revived.push(revived);
      if (kind !== 'error') this.#write(path, revived);
    }
    while (this.#unfinished.length > 0) this.#finish();
    return this.#value;
  }

  #finish(): void {
    this.#unfinished.pop()?.finish();
  }

  #revive(patch: Patch): unknown {
    const [path, kind] = patch;
    if (kind === 'signal') return this.signal;
    if (kind === 'same-as') return this.#revived[patch[2]];
    const data = this.#read(path) as never;
    switch (kind) {
      case 'buffer':
        return Object.setPrototypeOf(data, Buffer.prototype as object);
      case 'null-prototype':
        return Object.setPrototypeOf(data, null);
      case 'url':
        return new URL(data[0]);
      case 'search-params':
        return new URLSearchParams(data[0]);
      case 'portable':
        return Object.setPrototypeOf(data, findPortable(patch[2]).prototype as object);
      case 'extended':
        Object.setPrototypeOf(data[0], findPortable(patch[2]).prototype as object);
        return Object.defineProperties(data[0], Object.getOwnPropertyDescriptors(data[1]));
      case 'from-portable': {
        const revived = findPortable(patch[2])[fromPortableHook]?.(data[0]);
        return data[1] ? withStack(revived, data[1]) : revived;
      }
      default:
        return data;
    }
  }

  /** The error itself, still empty: what it holds may refer to it. */
  #beginError(path: Path, of: ClassDescriptor | undefined): Error {
    const data = this.#read(path) as ErrorData;
    const error = allocateError(data, of);
    this.#unfinished.push({
      path,
      finish: () => {
        fillError(error, data);
        this.#write(path, error);
      },
    });
    return error;
  }

  #read(path: Path): unknown {
    return this.#walk(path, path.length);
  }

  #write(path: Path, value: unknown): void {
    if (path.length === 0) {
      this.#value = value;
      return;
    }
    const last = path.length - 1;
    Object.defineProperty(this.#holderOf(this.#walk(path, last), path, last), path[last], {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }

  /** The part of the value that so many steps of a path lead to. */
  #walk(path: Path, steps: number): unknown {
    let value = this.#value;
    for (let step = 0; step < steps; step++) {
      const holder = this.#holderOf(value, path, step);
      // Own parts only: a path that was made up must not lead to a prototype.
      if (!Object.hasOwn(holder, path[step])) throw noSuchPart(path[step]);
      value = (holder as Record<string | number, unknown>)[path[step]];
    }
    return value;
  }

  /** What has the parts of a value as its properties: the value itself, but for Maps and Sets. */
  #holderOf(value: unknown, path: Path, step: number): object {
    if (typeof value !== 'object' || value === null) throw noSuchPart(path[step]);
    if (!types.isMap(value) && !types.isSet(value)) return value;
    let parts = this.#parts.get(value);
    if (!parts) {
      parts = types.isMap(value) ? [...value].flat(1) : [...value];
      this.#parts.set(value, parts);
      this.#unfinished.push({ path: path.slice(0, step), finish: () => this.#putTogether(value) });
    }
    return parts;
  }

  #putTogether(value: Map<unknown, unknown> | Set<unknown>): void {
    const parts = this.#parts.get(value) as unknown[];
    this.#parts.delete(value);
    value.clear();
    if ('add' in value) for (const item of parts) value.add(item);
    else for (let index = 0; index < parts.length; index += 2) value.set(parts[index], parts[index + 1]);
  }
}

/** An error that wrote itself was made here: it was thrown elsewhere. */
function withStack(error: object | undefined, { stack }: ErrorData): object | undefined {
  if (error && Object.isExtensible(error))
    Object.defineProperty(error, 'stack', { value: stack, writable: true, configurable: true });
  return error;
}

function isInside(path: Path, { path: outer }: Unfinished): boolean {
  return path.length > outer.length && outer.every((key, index) => key === path[index]);
}

function noSuchPart(key: string | number): TypeError {
  return new TypeError(`a value that came over the wire has no part ${String(key)}`);
}
