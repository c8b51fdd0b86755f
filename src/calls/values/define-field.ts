/**
 * Gives an object a field of any name, as a literal does. Assigned, one named `__proto__` would become the prototype, and
 * one that a prototype has a setter for, or does not let be written, would never arrive.
 */
export function defineField(object: object, key: PropertyKey, value: unknown): void {
  Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}
