/**
 * Frames as bytes, for a pipe: a header, then the frame in the v8 codec, or a small outcome in a code of its
 * own. The first byte tells them apart: the v8 codec begins with 0xff. The header is the length, and the
 * length again in disguise, so that what was not meant as a frame is not taken for one.
 */
import { deserialize, serialize } from 'node:v8';
import { FrameKind, OutcomeStatus, type Frame } from './frames';
import { SMALL_VALUE_BYTES, SmallValueReader, writeSmallValue } from './small-value';

/** Where the child finds its pipes, behind stdin, stdout and stderr. */
export const PipeFd = {
  /** To the child: calls. */
  calls: 3,
  /** From the child: outcomes. */
  outcomes: 4,
  /** To and from the child's watchdog: ids of calls to take back, and of those that were. */
  watchdog: 5,
} as const;

const HEADER_BYTES = 8;
const DISGUISE = 0x6c66666f;
const SMALL_OUTCOME = 0x01;

/** A frame as bytes. */
export function frameToBytes(frame: Frame): Buffer[] {
  const body = serialize(frame);
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header.writeUInt32LE(body.length, 0);
  header.writeUInt32LE((body.length ^ DISGUISE) >>> 0, 4);
  return body.length < 16_384 ? [Buffer.concat([header, body])] : [header, body];
}

const small = Buffer.allocUnsafe(HEADER_BYTES + 5 + SMALL_VALUE_BYTES);
const smallView = new DataView(small.buffer, small.byteOffset, small.byteLength);

/** A fulfilled outcome as bytes if its value is small; they are valid until the next call. */
export function smallOutcomeToBytes(id: number, value: unknown): Buffer | undefined {
  const end = writeSmallValue(smallView, HEADER_BYTES + 5, value);
  if (end < 0) return undefined;
  smallView.setUint32(0, end - HEADER_BYTES, true);
  smallView.setUint32(4, (end - HEADER_BYTES) ^ DISGUISE, true);
  smallView.setUint8(HEADER_BYTES, SMALL_OUTCOME);
  smallView.setUint32(HEADER_BYTES + 1, id, true);
  return small.subarray(0, end);
}

/** Cuts a stream of bytes into frames. */
export class FrameReader {
  readonly #smallValues = new SmallValueReader();
  #chunks: Buffer[] = [];
  #buffered = 0;
  #needed = HEADER_BYTES;

  /** @param onFrame - called with each frame that is complete */
  constructor(private readonly onFrame: (frame: Frame) => void) {}

  /** @throws RangeError or the codec's error when the bytes are no frames */
  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    if (this.#buffered < this.#needed) return;
    let bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#buffered);
    while (bytes.length >= HEADER_BYTES) {
      const length = bytes.readUInt32LE(0);
      if ((length ^ DISGUISE) >>> 0 !== bytes.readUInt32LE(4) || length === 0) {
        throw new RangeError('what came over the pipe is no frame');
      }
      this.#needed = HEADER_BYTES + length;
      if (bytes.length < this.#needed) break;
      const body = bytes.subarray(HEADER_BYTES, this.#needed);
      bytes = bytes.subarray(this.#needed);
      this.#needed = HEADER_BYTES;
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
