/** What two copies of the package have as one: on the global object, made by the copy that is loaded first. */
export function amongCopies<T>(name: string, make: () => T): T {
  const holder = globalThis as { [key: symbol]: T | undefined };
  return (holder[Symbol.for(`offloop.${name}`)] ??= make());
}
