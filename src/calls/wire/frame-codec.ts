import { DefaultDeserializer, DefaultSerializer } from 'node:v8';
import { classNumberOf, viewOf, type View } from '../values/array-views';
import type { Frame } from './frames';

/** Arrays of so many bytes travel beside their frame: through the codec they would be copied several times. */
const LARGE_BYTES = 16 * 1024;

const Place = { inside: 0, beside: 1 } as const;

// Documented, and not in the types.
const Serializer = DefaultSerializer as new () => DefaultSerializer & { _writeHostObject(view: View): void };
export const Deserializer = DefaultDeserializer as new (
  body: Buffer,
) => DefaultDeserializer & { _readHostObject(): unknown };

class FrameSerializer extends Serializer {
  readonly parts: Uint8Array[] = [];

  override _writeHostObject(view: View): void {
    const kind = view.byteLength < LARGE_BYTES ? -1 : classNumberOf(view);
    this.writeUint32(kind < 0 ? Place.inside : Place.beside);
    if (kind < 0) {
      super._writeHostObject(view);
      return;
    }
    this.writeUint32(kind);
    this.writeUint32(this.parts.push(new Uint8Array(view.buffer, view.byteOffset, view.byteLength)) - 1);
  }
}

class FrameDeserializer extends Deserializer {
  constructor(
    body: Buffer,
    private readonly parts: readonly Buffer[],
  ) {
    super(body);
  }

  override _readHostObject(): unknown {
    if (this.readUint32() === Place.inside) return alone(super._readHostObject() as View);
    const kind = this.readUint32();
    return viewOf(kind, this.parts[this.readUint32()].buffer as ArrayBuffer);
  }
}

/** The same view of a buffer of its own, as structured clone gives it: the body holds what is nobody else's. */
export function alone(view: View): View {
  const { buffer } = new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice();
  if (Buffer.isBuffer(view)) return Buffer.from(buffer);
  const kind = classNumberOf(view);
  return kind < 0 ? view : viewOf(kind, buffer);
}

/** A frame in the v8 codec, and beside it what is large: views of the very memory that the frame holds. */
export function serializeFrame(frame: Frame): { body: Buffer; parts: readonly Uint8Array[] } {
  const serializer = new FrameSerializer();
  serializer.writeHeader();
  serializer.writeValue(frame);
  return { body: serializer.releaseBuffer(), parts: serializer.parts };
}

/** @throws the codec's error when the bytes are no frame */
export function deserializeFrame(body: Buffer, parts: readonly Buffer[]): Frame {
  const deserializer = new FrameDeserializer(body, parts);
  deserializer.readHeader();
  return deserializer.readValue() as Frame;
}
