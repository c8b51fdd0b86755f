import { classDescriptorOf, findClass, type AnyClass, type ClassDescriptor } from './callable';

/**
 * A portable class may write itself as plain data instead of by its fields: the way to carry `#private`
 * state. `toPortable` is called where the value leaves, the static `fromPortable` where it arrives.
 */
export const toPortableHook = 'toPortable';
export const fromPortableHook = 'fromPortable';

const portableClasses = new WeakSet<AnyClass>();
const transientFields = new WeakMap<object, Set<string>>();

/** Marks a registered class as portable: its instances keep their prototype on the way. */
export function markPortable(owner: AnyClass): void {
  portableClasses.add(owner);
}

/** The descriptor of the portable class of an instance, or undefined when its own class is not portable. */
export function portableDescriptorOf(value: object): ClassDescriptor | undefined {
  const owner: unknown = value.constructor;
  return typeof owner === 'function' && portableClasses.has(owner as AnyClass)
    ? classDescriptorOf(owner as AnyClass)
    : undefined;
}

/** Finds a portable class by its descriptor; its module has to be imported here already. */
export function findPortable(descriptor: ClassDescriptor): AnyClass & {
  [fromPortableHook]?: (data: unknown) => object;
} {
  return findClass(descriptor, descriptor.className);
}

/** Marks a field of a class as one that stays at home. */
export function markTransient(prototype: object, field: string): void {
  let fields = transientFields.get(prototype);
  if (!fields) transientFields.set(prototype, (fields = new Set()));
  fields.add(field);
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
