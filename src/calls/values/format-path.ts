/** Of a long path, people are told the beginning. */
const TOLD_KEYS = 20;

/** The path as people write it: `arguments[0].socket`. */
export function formatPath(root: string, keys: readonly PropertyKey[]): string {
  const path = keys
    .slice(0, TOLD_KEYS)
    .reduce<string>(
      (text, key) =>
        typeof key === 'string' && /^[A-Za-z_$][\w$]*$/.test(key)
          ? `${text}.${key}`
          : `${text}[${typeof key === 'string' ? JSON.stringify(key) : String(key)}]`,
      root,
    );
  return keys.length > TOLD_KEYS ? `${path}... (${keys.length} levels down)` : path;
}
