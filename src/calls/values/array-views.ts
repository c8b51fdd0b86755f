/** Views of memory, by the number of their class. */
export type View = ArrayBufferView & { readonly buffer: ArrayBuffer };
type ViewClass = new (buffer: ArrayBuffer, offset: number, length: number) => View;

/** What Node.js has from version 24 on. */
const { Float16Array } = globalThis as { Float16Array?: ViewClass };

export const viewClasses: readonly ViewClass[] = [
  Uint8Array,
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
  ...(Float16Array ? [Float16Array] : []),
];

const numbers = new Map(viewClasses.map(({ name }, number) => [`[object ${name}]`, number]));

/** The number of a view's class; -1 when there is none. By name: under a test runner arrays are of another realm's. */
export function classNumberOf(view: View): number {
  return numbers.get(Object.prototype.toString.call(view)) ?? -1;
}

/**
 * A copy with a buffer of its own, which is not filled with zeros first, as a new ArrayBuffer is. The declarations
 * name no generic Buffer: TypeScript knows none before 5.7.
 */
export function copyOf(bytes: Uint8Array): ReturnType<typeof Buffer.allocUnsafeSlow> {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}

/** Whether Node.js has a realm of its own, as under jsdom, to which the memory that it gives out belongs. */
const isForeign = !(Buffer.alloc(0).buffer instanceof ArrayBuffer);

/** So many bytes of a buffer, as an array of the class with that number. */
export function viewOf(
  kind: number,
  buffer: ArrayBuffer,
  offset = 0,
  bytes = buffer.byteLength - offset,
): View {
  if (isForeign) Object.setPrototypeOf(buffer, ArrayBuffer.prototype);
  const ViewOf = viewClasses[kind] as ViewClass & { BYTES_PER_ELEMENT?: number };
  return new ViewOf(buffer, offset, bytes / (ViewOf.BYTES_PER_ELEMENT ?? 1));
}
