import { types } from 'node:util';
import type { ClassDescriptor } from '../callable';
import { defineField, defineHidden } from './define-field';
import { allocateError, fillError, type ErrorData } from './error-codec';
import { flat } from './flat';
import type { InPlace, InPlacePatch, Patch, Path } from './patches';
import { findPortable, revive } from './portable';

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
      const [path] = patch;
      while (this.#unfinished.length > 0 && !isInside(path, this.#unfinished.at(-1) as Unfinished)) {
        this.#finish();
      }
      this.#revived.push(this.#apply(patch));
    }
    while (this.#unfinished.length > 0) this.#finish();
    return this.#value;
  }

  #finish(): void {
    this.#unfinished.pop()?.finish();
  }

  /** Returns what stands there then. */
  #apply(patch: Patch): unknown {
    const [path, kind] = patch;
    switch (kind) {
      case 'error':
        return this.#beginError(path, patch[2]);
      case 'buffer':
      case 'null-prototype':
      case 'portable':
        return this.#changeInPlace(patch);
      default:
        return this.#write(path, this.#revive(patch));
    }
  }

  #changeInPlace([path, kind, of, others = []]: InPlacePatch): void {
    const prototype = prototypeFor(kind, of);
    Object.setPrototypeOf(this.#read(path), prototype);
    // A message that was made up may have others beside the whole value.
    const step = path.length || Infinity;
    for (let begin = 0; begin < others.length; begin += step)
      Object.setPrototypeOf(this.#walk(others, begin, begin + path.length), prototype);
  }

  #revive(patch: Exclude<Patch, InPlacePatch>): unknown {
    const [path, kind] = patch;
    if (kind === 'signal') return this.signal;
    if (kind === 'same-as') return this.#revived[patch[2]];
    const data = this.#read(path) as never;
    switch (kind) {
      case 'url':
        return new URL(data[0]);
      case 'search-params':
        return new URLSearchParams(data[0]);
      case 'extended':
        Object.setPrototypeOf(data[0], findPortable(patch[2]).prototype as object);
        return Object.defineProperties(data[0], Object.getOwnPropertyDescriptors(data[1]));
      case 'from-portable': {
        const revived = revive(findPortable(patch[2]), data[0]);
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
    return this.#walk(path, 0, path.length);
  }

  #write(path: Path, value: unknown): unknown {
    const last = path.length - 1;
    if (last < 0) this.#value = value;
    else defineField(this.#holderOf(this.#walk(path, 0, last), path, last), path[last], value);
    return value;
  }

  /** The part of the value that some steps lead to. */
  #walk(path: Path, begin: number, end: number): unknown {
    let value = this.#value;
    for (let step = begin; step < end; step++) {
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
      parts = types.isMap(value) ? flat(value) : [...value];
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
function withStack(error: object, { stack }: ErrorData): object {
  if (Object.isExtensible(error)) defineHidden(error, 'stack', stack);
  return error;
}

function prototypeFor(kind: InPlace, of: ClassDescriptor | undefined): object | null {
  if (kind === 'null-prototype') return null;
  return (kind === 'buffer' ? Buffer : findPortable(of as ClassDescriptor)).prototype as object;
}

function isInside(path: Path, { path: outer }: Unfinished): boolean {
  return path.length > outer.length && outer.every((key, index) => key === path[index]);
}

function noSuchPart(key: string | number): TypeError {
  return new TypeError(`a value that came over the wire has no part ${String(key)}`);
}
