/** What is known of the classes of users, by their prototypes. */

/** The class of an object: not what a field of that name holds, or a proxy gives for it. */
export const classOf = (value: object): unknown =>
  (Object.getPrototypeOf(value) as object | null)?.constructor;

/**
 * Prototypes of classes whose instances hold nothing but their fields: structured clone makes plain objects of them.
 * Of each class the encoder has looked at one closely.
 */
const ordinary = new WeakSet<object>();

export function noteOrdinary(prototype: object): void {
  ordinary.add(prototype);
}

/** Its instances arrive as themselves from now on. */
export function forgetOrdinary(prototype: object): void {
  ordinary.delete(prototype);
}

export function isOrdinary(prototype: unknown): boolean {
  return ordinary.has(prototype as object);
}

/** True when all classes that objects of this prototype are of are the user's, none the engine's. */
export function isOfUserCode(prototype: object | null): boolean {
  if (prototype === null || prototype === Object.prototype) return prototype !== null;
  const of: unknown = Object.hasOwn(prototype, 'constructor') ? prototype.constructor : undefined;
  const isNative =
    typeof of === 'function' && Function.prototype.toString.call(of).endsWith('{ [native code] }');
  return !isNative && isOfUserCode(Object.getPrototypeOf(prototype) as object | null);
}
