/**
 * Plain data as bytes, in the format of structured clone: a call that waits keeps its arguments so, and they are read
 * where they arrive. To copy them here, and once more on the way, took twice as long.
 */
import type * as v8 from 'node:v8';

let loaded: typeof v8 | undefined;
// Only now: most threads never need it.
// eslint-disable-next-line @typescript-eslint/no-require-imports
const codec = (): typeof v8 => (loaded ??= require('node:v8') as typeof v8);

/** @throws what the engine says of a value that it cannot copy */
export function serialized(value: unknown): Uint8Array {
  const serializer = new (codec().Serializer)();
  serializer.writeHeader();
  serializer.writeValue(value);
  return serializer.releaseBuffer();
}

/** @throws the engine's error when the bytes are no value */
export function deserialized(bytes: Uint8Array): unknown {
  const deserializer = new (codec().Deserializer)(bytes);
  deserializer.readHeader();
  return deserializer.readValue();
}
