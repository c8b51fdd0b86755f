/** For people: `a function 'send'`, `a Socket`, `42`. */
export function describeValue(value: unknown): string {
  try {
    return describe(value);
  } catch {
    // A proxy that was revoked, or whose traps throw.
    return typeof value === 'function' ? 'a function' : 'an object';
  }
}

function describe(value: unknown): string {
  if (typeof value === 'function') return value.name ? `a function '${value.name}'` : 'a function';
  if (typeof value !== 'object' || value === null)
    return typeof value === 'string' ? JSON.stringify(value) : String(value);
  const prototype = Object.getPrototypeOf(value) as object | null;
  const name: unknown = prototype?.constructor?.name;
  return typeof name === 'string' && name && name !== 'Object' ? `an instance of ${name}` : 'an object';
}
