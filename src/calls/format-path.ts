/** The path to a part of a value as people write it: `arguments[0].socket`. */
export function formatPath(root: string, keys: readonly PropertyKey[]): string {
  return keys.reduce<string>(
    (text, key) =>
      typeof key === 'string' && /^[A-Za-z_$][\w$]*$/.test(key)
        ? `${text}.${key}`
        : `${text}[${typeof key === 'string' ? JSON.stringify(key) : String(key)}]`,
    root,
  );
}
