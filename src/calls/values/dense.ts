/**
 * True for an array without holes and without properties beside its items, which codes of plain data lose. The
 * keys of an array are its indices first, and then what it holds besides.
 */
export function isDense({ length }: readonly unknown[], keys: readonly string[]): boolean {
  return keys.length === length && (length === 0 || keys[length - 1] === String(length - 1));
}
