import { types } from 'node:util';
import { copyOf } from './array-views';
import type { ClassDescriptor } from '../callable';
import { whyRefused } from './clone';
import { describeValue } from './describe-value';
import {
  isBuiltIn,
  isCarriedAsItIs,
  isDisguised,
  isFieldsAlone,
  isMovedAlone,
  isOpaque,
  isPlatformObject,
  opaqueMend,
} from './cloneable';
import { describeError } from './error-codec';
import { NotCloneableError } from '../errors';
import { isError } from '../is-error';
import { isCarriedPrimitive } from './encoded-containers';
import { EncodedErrors } from './encoded-errors';
import { formatPath } from './format-path';
import { hasTransients, isTransient, portableDescriptorOf, toPortableHook } from './portable';
import { transferListOf } from './transfer';
import { isOfUserCode, isOrdinary, noteOrdinary } from './user-classes';

/** An instance of a portable class that writes itself. */
interface Hooked {
  [toPortableHook](): object | null | undefined;
}

export interface EncodeOptions {
  /** What the value is, for messages: `arguments`, `result`, `this`. */
  readonly root: string;
  /** The object that the value is all fields of: what refers to it in them arrives as a reference to the value. */
  readonly fieldsOf?: object;
  /** Instances of classes that are not portable are refused, not copied to plain objects as structured clone does. */
  readonly refuseInstances?: boolean;
  /** SharedArrayBuffers cannot leave the process. */
  readonly sharedMemory?: boolean;
  /** A boundary has refused the value: what it carries as it is, structured clone is asked of, each alone. */
  readonly isRefused?: boolean;
}

/** How deep parts may stand. The other side reads them on its stack, which has room for half as many more. */
const MOST_LEVELS = 1_000;
const sharedMend = 'shared memory cannot leave its process: use an executor of threads';
const secondSignalMend = 'a call has one signal: pass AbortSignal.any([first, second]) in place of both';

/** Prototypes of portable classes whose instances are known by their fields: the language knows nothing of them. */
const fieldsAlone = new WeakSet<object>();

/** Builds the copy of a value that travels, and notes what has to be revived where. */
export class Encoder extends EncodedErrors {
  readonly #options: EncodeOptions;

  constructor(options: EncodeOptions) {
    super();
    this.#options = options;
  }

  /** What travels in place of the whole value. */
  encodeRoot(value: unknown): unknown {
    const { fieldsOf } = this.#options;
    if (!fieldsOf) return this.encode(value);
    const copy = {};
    this.copies.set(fieldsOf, copy);
    return this.fill(copy, value as object, Object.keys(value as object));
  }

  /** What travels in place of a part. */
  encode(value: unknown): unknown {
    if (isCarriedPrimitive(value)) return value;
    if (typeof value !== 'object' || value === null) this.#refuse(value);
    const revivedBy = this.revivedBy.get(value);
    if (revivedBy !== undefined) {
      this.patches.push([this.here(), 'same-as', revivedBy]);
      return {};
    }
    const copy = this.copies.get(value);
    if (copy !== undefined) {
      if (ArrayBuffer.isView(copy)) this.noteArray(copy, copy !== value);
      return copy;
    }
    if (this.keys.length > MOST_LEVELS) this.#refuse(value, `${MOST_LEVELS} levels are the most`);
    const transferList = transferListOf(value);
    if (transferList) this.transfer.push(...transferList);
    // Before a proxy is asked for anything: its traps may throw.
    if (isDisguised(value)) this.#refuse(value, opaqueMend(value));
    const prototype = Object.getPrototypeOf(value) as object | null;
    if (prototype === Object.prototype) return this.encodeFields(value);
    const portable = portableDescriptorOf(value);
    return portable
      ? this.#encodePortable(value, prototype as object, portable)
      : this.#encodeOther(value, prototype);
  }

  /** What is deep comes back here for each level, by as few calls as may be: the stack is short. */
  #encodeOther(value: object, prototype: object | null): unknown {
    if (isOrdinary(prototype)) return this.#encodeInstance(value);
    if (prototype === null && isFieldsAlone(value)) return this.#encodeBare(value);
    if (ArrayBuffer.isView(value)) return this.#encodeView(value);
    if (Array.isArray(value)) return this.encodeArray(value);
    if (types.isMap(value)) return this.encodeMap(value);
    if (types.isSet(value)) return this.encodeSet(value);
    if (types.isSharedArrayBuffer(value) && this.#options.sharedMemory === false)
      this.#refuse(value, sharedMend);
    if (value instanceof AbortSignal && this.#options.root === 'arguments' && this.keys.length === 1) {
      if (this.patches.some(([, kind]) => kind === 'signal')) this.#refuse(value, secondSignalMend);
      this.revivedBy.set(value, this.patches.push([this.here(), 'signal']) - 1);
      return null;
    }
    if (types.isDate(value)) return this.#encodeDate(value);
    if (types.isNativeError(value)) return this.encodeError(value, undefined);
    if (types.isAnyArrayBuffer(value)) this.noteArray(value);
    if (isCarriedAsItIs(value)) return this.#passOn(value);
    if (isPlatformObject(value)) {
      // Nothing of `this` is moved: it is there for the next call.
      if (this.#options.refuseInstances && isMovedAlone(value)) this.#refuse(value);
      if (this.#options.sharedMemory !== false) return this.#passOn(value);
      this.#refuse(value, 'it cannot leave its process: use an executor of threads, or pass its bytes');
    }
    if (isOpaque(value)) this.#refuse(value, opaqueMend(value));
    const isPlain = prototype !== null && Object.getPrototypeOf(prototype) === null && !isError(value);
    return isPlain ? this.encodeFields(value) : this.#encodeObject(value, prototype);
  }

  /** Of what travels as it is, arrays alone can be changed until it does. */
  #passOn(value: object): object {
    if (this.#options.isRefused && !this.transfer.includes(value as never)) {
      const why = whyRefused(value);
      if (why !== undefined) this.#refuse(value, why);
    }
    return value;
  }

  #encodeDate(value: Date): Date {
    const copy = new Date(value);
    this.copies.set(value, copy);
    return copy;
  }

  #encodeView(value: ArrayBufferView): unknown {
    if (types.isSharedArrayBuffer(value.buffer) && this.#options.sharedMemory === false)
      this.#refuse(value, sharedMend);
    if (!Buffer.isBuffer(value)) {
      this.noteArray(value);
      return this.#passOn(value);
    }
    // A small Buffer is a view of a shared pool: structured clone would carry the whole pool.
    const own = value.byteLength < value.buffer.byteLength && !types.isSharedArrayBuffer(value.buffer);
    // A Buffer still: the compact code looks for them.
    const bytes = own ? copyOf(value) : (this.#passOn(value) as Buffer);
    this.copies.set(value, bytes);
    this.patchInPlace('buffer');
    this.noteArray(bytes, own);
    return bytes;
  }

  #encodeBare(value: object): unknown {
    const copy = this.encodeFields(value) as object;
    this.patchInPlace('null-prototype');
    // The compact code looks for them.
    return Object.setPrototypeOf(copy, null);
  }

  #encodeObject(value: object, prototype: object | null): unknown {
    if (isError(value)) return this.encodeError(value, undefined);
    if (value instanceof URL) return this.standIn(value, value.href, [this.here(), 'url']);
    if (value instanceof URLSearchParams)
      return this.standIn(value, String(value), [this.here(), 'search-params']);
    if (prototype && isOfUserCode(prototype) && !(toPortableHook in prototype)) noteOrdinary(prototype);
    return this.#encodeInstance(value);
  }

  /** An instance of a class that is not portable: all of it can be copied, or the instance is refused. */
  #encodeInstance(value: object): unknown {
    if (this.#options.refuseInstances) {
      this.#refuse(value, 'put @Portable() on its class, or keep it at home with @Transient()');
    }
    const { length } = this.keys;
    try {
      return this.encodeFields(value);
    } catch (error) {
      this.keys.length = length;
      if (error instanceof NotCloneableError) this.#refuse(value, `it holds ${error.path}`);
      throw error;
    }
  }

  #encodePortable(value: object, prototype: object, of: ClassDescriptor): unknown {
    if (fieldsAlone.has(prototype) && !(toPortableHook in value))
      return this.#encodePortableFields(value, of);
    const isHooked = typeof (value as Hooked)[toPortableHook] === 'function';
    if (isError(value)) {
      return isHooked ? this.#encodeHookedError(value as Error & Hooked, of) : this.encodeError(value, of);
    }
    if (isHooked) return this.#encodeByHook(value as Hooked, of);
    if (isOpaque(value)) this.#refuse(value, opaqueMend(value));
    if (isBuiltIn(value)) return this.#encodeExtended(value, fieldsOf(value), of);
    if (isOfUserCode(prototype)) fieldsAlone.add(prototype);
    return this.#encodePortableFields(value, of);
  }

  #encodePortableFields(value: object, of: ClassDescriptor): unknown {
    const names = fieldsOf(value);
    const copy = Array.isArray(value) ? this.encodeArray(value, names) : this.encodeNamed(value, names);
    this.patchInPlace('portable', of);
    return copy;
  }

  #encodeByHook(value: Hooked, of: ClassDescriptor): unknown[] {
    const data = value[toPortableHook]();
    if (this.#options.sharedMemory === false && Object.values(data ?? {}).some(types.isSharedArrayBuffer)) {
      this.#refuse(value, sharedMend);
    }
    this.path.push(0);
    const encoded = this.encode(data);
    this.path.pop();
    return this.standIn(value, encoded, [this.here(), 'from-portable', of]);
  }

  /** Beside what it writes stands what any error has. If it cannot write itself, that has to do. */
  #encodeHookedError(error: Error & Hooked, of: ClassDescriptor): unknown {
    const undo = this.mark();
    try {
      const data = { ...describeError(error, of), nested: undefined };
      return [...this.#encodeByHook(error, of), data];
    } catch {
      undo();
      return this.encodeError(error, of);
    }
  }

  /** Of a class that extends one that is carried: an instance of that, and beside it the fields. */
  #encodeExtended(value: object, names: readonly string[], of: ClassDescriptor): unknown {
    const { path } = this;
    path.push(0);
    const base = this.#encodeOther(value, Object.getPrototypeOf(value) as object);
    if (!this.revivedBy.has(value)) this.copies.set(value, base);
    path[path.length - 1] = 1;
    // Where it has items, their indices are keys too.
    const beside = names.filter((key) => !/^\d+$/.test(key));
    const fields = this.fill({}, value, beside);
    path.pop();
    this.patches.push([this.here(), 'extended', of]);
    return [base, fields];
  }

  #refuse(value: unknown, why?: string): never {
    const path = formatPath(this.#options.root, this.keys);
    throw new NotCloneableError(
      `${path} is ${describeValue(value)}, which cannot be copied${why ? `: ${why}` : ''}.`,
      path,
    );
  }
}

/** What an instance of a portable class holds, but for what stays at home. */
function fieldsOf(value: object): string[] {
  const names = Object.keys(value);
  return hasTransients(value) ? names.filter((key) => !isTransient(value, key)) : names;
}
