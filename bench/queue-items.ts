export const itemKinds = ['number', 'text', 'object'] as const;

export type ItemKind = (typeof itemKinds)[number];

/** A small item, as a producer makes it: anew each time. */
export function makeItem(kind: ItemKind, index: number): unknown {
  if (kind === 'number') return index;
  return kind === 'text' ? `line ${index}` : { id: index, name: 'item', ok: true };
}
