import {
  classDescriptorOf,
  classNameOf,
  type AnyClass,
  type Callable,
  type ClassDescriptor,
} from './callable';
import { isDisguised, isPlatformObject } from './values/cloneable';
import { CallableNotFoundError, NotCloneableError } from './errors';
import { encodePayload, type Patch } from './values/payload';
import { classOf } from './values/user-classes';
import { isTransient, portableDescriptorOf, toPortableHook } from './values/portable';
import { warnOfLargeFields } from './large-fields';

/**
 * What `this` is in the worker:
 * - `'resolve'`: resolved from the worker's container, with the caller's plain-data fields laid over it;
 * - `'copy'`: the prototype of its class, and a copy of its fields;
 * - `'none'`: undefined.
 */
export type ReceiverMode = 'resolve' | 'copy' | 'none';

/**
 * A receiver on the wire. One that is written has written itself: what it wrote may be its own still, and change. Of one
 * that is whole the fields, or what they hold, may refer to it; else they may be the same in many calls.
 */
export type ReceiverData = readonly [
  mode: ReceiverMode | 'written' | 'whole' | 'probe',
  of: ClassDescriptor | undefined,
  fields: unknown,
  patches: readonly Patch[] | undefined,
];

/** In place of a receiver: only find the method, do not call it. */
const probe: ReceiverData = ['probe', undefined, undefined, undefined];
const noReceiver: ReceiverData = ['none', undefined, undefined, undefined];

/**
 * Describes the receiver of a call for the worker. The class is named only when it is not the one that
 * declares the method: the worker knows that one from the callable.
 * Undefined stands for what needs no words: no receiver, the class itself, or what the container resolves.
 *
 * @throws {@link NotCloneableError} when a field cannot travel, {@link CallableNotFoundError} when the
 *   class is a subclass that the worker cannot find
 */
export function encodeReceiver(
  receiver: unknown,
  callable: Callable,
  mode: ReceiverMode | 'probe',
  sharedMemory: boolean,
): ReceiverData | undefined {
  if (mode === 'probe') return probe;
  if (callable.descriptor.kind === 'function') return undefined;
  if (mode === 'none') return noReceiver;
  const isStatic = callable.descriptor.kind === 'static';
  if (receiver === undefined || receiver === null) throw detached(callable, isStatic);
  const ofClass = isStatic ? receiver : classOf(receiver);
  const of = ofClass === callable.owner ? undefined : describeSubclass(ofClass, callable, receiver);
  if (isStatic) return of && ['copy', of, undefined, undefined];
  const last = remembered.get(receiver);
  if (last && last.owner === callable.owner && last.mode === mode && isUnchanged(receiver, last))
    return last.data;
  const data =
    mode === 'resolve'
      ? encodeOverlay(receiver, of, sharedMemory)
      : encodeCopy(receiver, of, callable, sharedMemory);
  remember(receiver, callable.owner, mode, data);
  return data;
}

/** What a receiver held when it was encoded last, and as what: most hold the same in every call. */
interface Remembered {
  readonly owner: AnyClass | undefined;
  readonly mode: ReceiverMode;
  readonly keys: readonly string[];
  readonly values: readonly unknown[];
  readonly data: ReceiverData | undefined;
}

const remembered = new WeakMap<object, Remembered>();

/** Only where a change shows at a glance: what is in an array or a plain object may change unseen. */
function remember(
  receiver: object,
  owner: AnyClass | undefined,
  mode: ReceiverMode,
  data: ReceiverData | undefined,
): void {
  if (typeof (receiver as Record<string, unknown>)[toPortableHook] === 'function') return;
  const keys = Object.keys(receiver);
  const values = keys.map((key) => (receiver as Record<string, unknown>)[key]);
  if (values.every((value) => typeof value !== 'object' || value === null || isOfOtherClass(value)))
    remembered.set(receiver, { owner, mode, keys, values, data });
}

function isUnchanged(receiver: object, { keys, values }: Remembered): boolean {
  const present = Object.keys(receiver);
  if (present.length !== keys.length) return false;
  for (let index = 0; index < keys.length; index++) {
    const key = present[index];
    if (key !== keys[index]) return false;
    if (!Object.is((receiver as Record<string, unknown>)[key], values[index])) return false;
  }
  return true;
}

/** A method was taken from its object, or handed on, and called by itself. */
function detached({ name, owner, descriptor }: Callable, isStatic: boolean): CallableNotFoundError {
  const { method } = descriptor;
  const object = isStatic ? owner?.name || 'TheClass' : 'service';
  return new CallableNotFoundError(
    `${name} was called without its ${isStatic ? 'class' : 'object'}: \`this\` was undefined. ` +
      `Call ${object}.${method}(), or hand on (...args) => ${object}.${method}(...args).`,
  );
}

function describeSubclass(ofClass: unknown, callable: Callable, receiver: object): ClassDescriptor {
  const descriptor = classDescriptorOf(ofClass as AnyClass);
  if (descriptor) return descriptor;
  const name = typeof ofClass === 'function' ? classNameOf(ofClass) : '';
  const an = callable.descriptor.kind === 'static' ? '' : 'an instance of ';
  const mends = ['Put @Portable() on the subclass, at the top level of its module'];
  if (name === '' || name === callable.owner?.name)
    mends.push('where a decorator puts a class in the place of another, put it before that one');
  if (!callable.owner) mends.push('where other decorators wrap the method, put @RunInExecutor() before them');
  // No subclass at all: whoever was given the method calls it on an object of its own.
  else if (an && !(receiver instanceof callable.owner))
    mends.push(`or hand on (...args) => service.${callable.descriptor.method}(...args)`);
  throw new CallableNotFoundError(
    `${callable.name} was called on ${an}${name === '' ? 'an unnamed class' : `'${name}'`}, which the worker cannot ` +
      `find: expected ${an}${callable.owner?.name || 'the class that declares it'}. ${mends.join('; ')}.`,
  );
}

const noFields: Record<string, unknown> = {};

/** The plain-data fields of an instance that the container resolves; what else it holds is the worker's own. */
function encodeOverlay(
  receiver: object,
  of: ClassDescriptor | undefined,
  sharedMemory: boolean,
): ReceiverData | undefined {
  let overlay: Record<string, unknown> | undefined;
  for (const key of Object.keys(receiver)) {
    const value = (receiver as Record<string, unknown>)[key];
    if (isPlainData(value, key, sharedMemory) && !isTransient(receiver, key)) (overlay ??= {})[key] = value;
  }
  if (!overlay) return of && ['resolve', of, noFields, undefined];
  warnOfLargeFields(receiver, overlay);
  const { value, patches } = encodePayload(overlay, { root: 'this', refuseInstances: true, sharedMemory });
  return ['resolve', of, value, patches];
}

/** True for proxies, and instances of classes that are neither the platform's nor portable: by that alone no data. */
function isOfOtherClass(value: object): boolean {
  if (isDisguised(value)) return true;
  const prototype = Object.getPrototypeOf(value) as object | null;
  return (
    prototype !== null &&
    Object.getPrototypeOf(prototype) !== null &&
    Object.prototype.toString.call(value) === '[object Object]' &&
    !portableDescriptorOf(value) &&
    !isPlatformObject(value)
  );
}

function isPlainData(value: unknown, key: string, sharedMemory: boolean): boolean {
  if (typeof value === 'function' || typeof value === 'symbol') return false;
  if (typeof value !== 'object' || value === null) return true;
  // A dependency: most objects that a service holds are.
  if (isOfOtherClass(value)) return false;
  try {
    encodePayload(value, { root: `this.${key}`, refuseInstances: true, sharedMemory });
    return true;
  } catch (error) {
    if (error instanceof NotCloneableError) return false;
    throw error;
  }
}

/** True for a test's spy, or what `bind` made of a method: the class has the method itself. */
function standsForMethod(receiver: object, key: string, value: unknown): boolean {
  if (typeof value !== 'function') return false;
  return typeof (Object.getPrototypeOf(receiver) as Record<string, unknown>)[key] === 'function';
}

/** True for a class that tells of its parameters what decorators of tsyringe read, or note: those of any copy of it. */
function isDecorated(ofClass: unknown): boolean {
  const { hasOwnMetadata } = Reflect as { hasOwnMetadata?: (key: string, target: unknown) => boolean };
  return ['design:paramtypes', 'injectionTokens'].some((key) => hasOwnMetadata?.(key, ofClass));
}

/** All fields of any other instance, as pickle does. */
function encodeCopy(
  receiver: object,
  of: ClassDescriptor | undefined,
  callable: Callable,
  sharedMemory: boolean,
): ReceiverData {
  const hook = (receiver as Record<string, unknown>)[toPortableHook];
  const isWritten = typeof hook === 'function';
  const fields: Record<string, unknown> = {};
  if (!isWritten) {
    for (const key of Object.keys(receiver)) {
      const value = (receiver as Record<string, unknown>)[key];
      if (!isTransient(receiver, key) && !standsForMethod(receiver, key, value)) fields[key] = value;
    }
  }
  try {
    const options = { root: 'this', refuseInstances: true, sharedMemory };
    if (isWritten) {
      const { value, patches } = encodePayload(hook.call(receiver), options);
      return ['written', of, value, patches];
    }
    const { value, patches, parts } = encodePayload(fields, { ...options, fieldsOf: receiver });
    // Not before: what is refused may have no end, as services that refer to each other by proxies.
    warnOfLargeFields(receiver, fields);
    return [parts === undefined ? 'whole' : 'copy', of, value, patches];
  } catch (error) {
    if (!(error instanceof NotCloneableError)) throw error;
    const ofAnother = isDecorated(classOf(receiver))
      ? ` (if it is there, it may be that of another copy of tsyringe: a bundler or a test runner has to keep ` +
        `tsyringe external, as it keeps offloop)`
      : '';
    throw new NotCloneableError(
      `${callable.name}: ${error.message} Put tsyringe's @injectable() on the service${ofAnother}, mark the field with ` +
        `@Transient(), or call without a receiver: { receiver: 'none' }.`,
      error.path,
    );
  }
}
