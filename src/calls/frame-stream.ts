/**
 * Frames as bytes, for a pipe: a header, then the frame in the v8 codec, or a small outcome in a code of its
 * own. The first byte tells them apart: the v8 codec begins with 0xff. Large arrays of bytes follow a frame as
 * they are. The header is the length, and the length again in disguise, so that what was not meant as a frame
 * is not taken for one.
 */
import { FrameKind, OutcomeStatus, type Frame } from './frames';
import { deserializeFrame, serializeFrame } from './frame-codec';
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
const WITH_PARTS = 0x02;

/**
 * A frame as bytes, in one or more parts. The last of them are the caller's own memory, large arrays of bytes:
 * they are not copied here, and must be before anything else runs.
 */
export function frameToBytes(frame: Frame): Uint8Array[] {
  const { body, parts } = serializeFrame(frame);
  const lengths = parts.length === 0 ? empty : lengthsOf(parts);
  const length = lengths.length + body.length;
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header.writeUInt32LE(length, 0);
  header.writeUInt32LE((length ^ DISGUISE) >>> 0, 4);
  if (length < 16_384) return [Buffer.concat([header, lengths, body]), ...parts];
  return [header, lengths, body, ...parts];
}

const empty = Buffer.alloc(0);

/** What stands before the body of a frame that is followed by parts: how many, and how long each is. */
function lengthsOf(parts: readonly Uint8Array[]): Buffer {
  const lengths = Buffer.allocUnsafe(1 + 4 + 8 * parts.length);
  lengths.writeUInt8(WITH_PARTS, 0);
  lengths.writeUInt32LE(parts.length, 1);
  parts.forEach((part, index) => lengths.writeDoubleLE(part.length, 5 + 8 * index));
  return lengths;
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

/** A frame whose parts are still on their way. */
interface Unfinished {
  readonly body: Buffer;
  readonly parts: readonly Buffer[];
  /** The part that comes now, and how much of it is there. */
  part: number;
  filled: number;
}

/** Cuts a stream of bytes into frames. */
export class FrameReader {
  readonly #smallValues = new SmallValueReader();
  #chunks: Buffer[] = [];
  #buffered = 0;
  #needed = HEADER_BYTES;
  #unfinished: Unfinished | undefined;

  /** @param onFrame - called with each frame that is complete */
  constructor(private readonly onFrame: (frame: Frame) => void) {}

  /** @throws RangeError or the codec's error when the bytes are no frames */
  push(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) rest = this.#unfinished ? this.#fill(this.#unfinished, rest) : this.#cut(rest);
  }

  /** Takes whole frames, and keeps what is left of the chunk, unless it belongs to the parts of the last one. */
  #cut(chunk: Buffer): Buffer {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    if (this.#buffered < this.#needed) return empty;
    let bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#buffered);
    this.#chunks = [];
    this.#buffered = 0;
    while (bytes.length >= HEADER_BYTES && !this.#unfinished) {
      const length = bytes.readUInt32LE(0);
      if ((length ^ DISGUISE) >>> 0 !== bytes.readUInt32LE(4) || length === 0) {
        throw new RangeError('what came over the pipe is no frame');
      }
      this.#needed = HEADER_BYTES + length;
      if (bytes.length < this.#needed) break;
      const body = bytes.subarray(HEADER_BYTES, this.#needed);
      bytes = bytes.subarray(this.#needed);
      this.#needed = HEADER_BYTES;
      this.#take(body);
    }
    if (this.#unfinished) return bytes;
    if (bytes.length > 0) this.#chunks.push(bytes);
    this.#buffered = bytes.length;
    return empty;
  }

  #take(body: Buffer): void {
    if (body[0] === SMALL_OUTCOME) this.onFrame(this.#smallOutcome(body));
    else if (body[0] !== WITH_PARTS) this.onFrame(deserializeFrame(body, []));
    else {
      const count = body.readUInt32LE(1);
      const parts: Buffer[] = [];
      // Each in memory of its own, where it stays.
      for (let index = 0; index < count; index++) {
        parts.push(Buffer.allocUnsafeSlow(body.readDoubleLE(5 + 8 * index)));
      }
      this.#unfinished = { body: Buffer.from(body.subarray(5 + 8 * count)), parts, part: 0, filled: 0 };
    }
  }

  /** Puts what has come into the parts; returns what belongs to the next frame. */
  #fill(frame: Unfinished, chunk: Buffer): Buffer {
    const part = frame.parts[frame.part];
    const copied = chunk.copy(part, frame.filled);
    frame.filled += copied;
    if (frame.filled < part.length) return empty;
    frame.part++;
    frame.filled = 0;
    if (frame.part === frame.parts.length) {
      this.#unfinished = undefined;
      this.onFrame(deserializeFrame(frame.body, frame.parts));
    }
    return chunk.subarray(copied);
  }

  #smallOutcome(body: Buffer): Frame {
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    const value = this.#smallValues.read(view, 5);
    return [FrameKind.outcome, view.getUint32(1, true), OutcomeStatus.fulfilled, value, undefined];
  }
}
