import { amongCopies } from '../among-copies';
import { classDescriptorOf, type AnyClass, type ClassDescriptor } from '../callable';
import { CallableNotFoundError } from '../errors';
import { findClass } from '../find-callable';
import { madeOnce } from '../made-once';
import { classOf } from './user-classes';
import { forgetOrdinary } from './user-classes';

/**
 * A portable class may write itself as plain data instead of by its fields: the way to carry `#private`
 * state. `toPortable` is called where the value leaves, the static `fromPortable` where it arrives.
 */
export const toPortableHook = 'toPortable';
const fromPortableHook = 'fromPortable';

const { classes: portableClasses, transient: transientFields } = amongCopies('portable', () => ({
  classes: new WeakSet<AnyClass>(),
  transient: new WeakMap<object, Set<string>>(),
}));

/** Marks a registered class as portable: its instances keep their prototype on the way. */
export function markPortable(owner: AnyClass): void {
  portableClasses.add(owner);
  forgetOrdinary(owner.prototype as object);
}

/** The descriptor of the portable class of an instance, or undefined when its own class is not portable. */
export function portableDescriptorOf(value: object): ClassDescriptor | undefined {
  const owner = classOf(value);
  return typeof owner === 'function' && portableClasses.has(owner as AnyClass)
    ? classDescriptorOf(owner as AnyClass)
    : undefined;
}

/**
 * Finds a portable class by its descriptor; its module has to be imported here already.
 *
 * @throws {@link CallableNotFoundError} when it is not there, or not portable here
 */
export function findPortable(descriptor: ClassDescriptor): AnyClass {
  const found = findClass(descriptor, descriptor.className);
  if (portableClasses.has(found)) return found;
  throw new CallableNotFoundError(
    `class ${descriptor.className} of ${descriptor.module} is not marked with @Portable() here. ` +
      `Mark it in the class body, not conditionally.`,
  );
}

/** An instance of what one wrote of itself: as its class reads it, or else with that for its fields. */
export function revive(
  ofClass: AnyClass & { [fromPortableHook]?: (data: unknown) => object },
  data: unknown,
): object {
  return typeof ofClass[fromPortableHook] === 'function'
    ? ofClass[fromPortableHook](data)
    : instanceWith(ofClass, data);
}

/** An instance with a copy of the fields. */
export function instanceWith(ofClass: AnyClass, fields: unknown): object {
  return Object.defineProperties(
    Object.create(ofClass.prototype as object) as object,
    Object.getOwnPropertyDescriptors(fields),
  );
}

/** Marks a field of a class as one that stays at home. */
export function markTransient(prototype: object, field: string): void {
  madeOnce(transientFields, prototype, () => new Set()).add(field);
}

/** Whether the class of `value`, or one that it extends, marks any. */
export function hasTransients(value: object): boolean {
  for (let level = prototypeOf(value); level !== null; level = prototypeOf(level))
    if (transientFields.has(level)) return true;
  return false;
}

/** True when the class of `value`, or one that it extends, marks `field` as transient. */
export function isTransient(value: object, field: string): boolean {
  for (let level = prototypeOf(value); level !== null; level = prototypeOf(level)) {
    if (transientFields.get(level)?.has(field)) return true;
  }
  return false;
}

function prototypeOf(value: object): object | null {
  return Object.getPrototypeOf(value) as object | null;
}
