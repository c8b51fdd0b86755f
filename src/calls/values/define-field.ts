/**
 * Gives an object a field of any name, as a literal does. Assigned, one named `__proto__` would become the prototype, and
 * one that a prototype has a setter for, or does not let be written, would never arrive.
 */
export function defineField(object: object, key: PropertyKey, value: unknown, enumerable = true): void {
  Object.defineProperty(object, key, { value, writable: true, enumerable, configurable: true });
}

/** The same, for one that does not show, as those of the language do not: the name, message and stack of an error. */
export function defineHidden(object: object, key: PropertyKey, value: unknown): void {
  defineField(object, key, value, false);
}
