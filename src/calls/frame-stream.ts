/**
 * Frames as bytes, for a pipe: a length, then the frame in the v8 codec, or a small outcome in a code of its
 * own. The first byte tells them apart: the v8 codec begins with 0xff.
 */
import { deserialize, serialize } from 'node:v8';
import { FrameKind, OutcomeStatus, type Frame } from './frames';
import { SMALL_VALUE_BYTES, SmallValueReader, writeSmallValue } from './small-value';

/** Where the child finds the pipe, behind stdin, stdout, stderr and the channel of `fork`. */
export const PIPE_FD = 4;

const LENGTH_BYTES = 4;
const SMALL_OUTCOME = 0x01;

/** A frame longer than this is none of ours: the other side has lost its mind. */
const LONGEST_FRAME = 0xffff_fff0;

/** A frame as bytes. */
export function frameToBytes(frame: Frame): Buffer[] {
  const body = serialize(frame);
  const length = Buffer.allocUnsafe(LENGTH_BYTES);
  length.writeUInt32LE(body.length);
  return body.length < 16_384 ? [Buffer.concat([length, body])] : [length, body];
}

const small = Buffer.allocUnsafe(LENGTH_BYTES + 5 + SMALL_VALUE_BYTES);
const smallView = new DataView(small.buffer, small.byteOffset, small.byteLength);

/** A fulfilled outcome as bytes if its value is small; they are valid until the next call. */
export function smallOutcomeToBytes(id: number, value: unknown): Buffer | undefined {
  const end = writeSmallValue(smallView, LENGTH_BYTES + 5, value);
  if (end < 0) return undefined;
  smallView.setUint32(0, end - LENGTH_BYTES, true);
  smallView.setUint8(LENGTH_BYTES, SMALL_OUTCOME);
  smallView.setUint32(LENGTH_BYTES + 1, id, true);
  return small.subarray(0, end);
}

/** Cuts a stream of bytes into frames. */
export class FrameReader {
  readonly #smallValues = new SmallValueReader();
  #chunks: Buffer[] = [];
  #buffered = 0;
  #needed = LENGTH_BYTES;

  /** @param onFrame - called with each frame that is complete */
  constructor(private readonly onFrame: (frame: Frame) => void) {}

  /** @throws RangeError or the codec's error when the bytes are no frames */
  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    if (this.#buffered < this.#needed) return;
    let bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#buffered);
    while (bytes.length >= LENGTH_BYTES) {
      const length = bytes.readUInt32LE(0);
      if (length > LONGEST_FRAME || length === 0) throw new RangeError(`no frame has ${length} bytes`);
      this.#needed = LENGTH_BYTES + length;
      if (bytes.length < this.#needed) break;
      const body = bytes.subarray(LENGTH_BYTES, this.#needed);
      bytes = bytes.subarray(this.#needed);
      this.#needed = LENGTH_BYTES;
      this.onFrame(this.#decode(body));
    }
    this.#chunks = bytes.length > 0 ? [bytes] : [];
    this.#buffered = bytes.length;
  }

  #decode(body: Buffer): Frame {
    if (body[0] !== SMALL_OUTCOME) return deserialize(body) as Frame;
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    const value = this.#smallValues.read(view, 5);
    return [FrameKind.outcome, view.getUint32(1, true), OutcomeStatus.fulfilled, value, undefined];
  }
}
