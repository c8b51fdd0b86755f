import { CallReader } from './call-records';
import { AWAITED, DISGUISE, First, HEADER_BYTES } from './frame-bytes';
import { deserializeFrame } from './frame-codec';
import type { Frame, ReceivedCall } from './frames';
import { OutcomeReader, type TakeOutcome } from './outcome-records';
import type { ReceiverData } from '../receiver';

/** How much is read at a time. */
const MOST_ROOM = 64 * 1024;
const LEAST_ROOM = 8 * 1024;

const empty = Buffer.alloc(0);
const noParts: readonly Buffer[] = [];

/** A frame whose parts are still on their way. */
interface Unfinished {
  readonly body: Buffer;
  readonly parts: Buffer[];
  /** The part that comes now, and how much of it is there. */
  part: number;
  filled: number;
}

/** What comes over a pipe. */
export interface FrameEvents {
  onFrame(frame: Frame): void;
  /** A small outcome has come. */
  readonly onOutcome?: TakeOutcome;
  /** The receivers that small calls name by their numbers. */
  readonly receivers?: readonly ReceiverData[];
  /** Small calls have come; whether their sender stays awake for the outcome. */
  onCalls?(calls: ReceivedCall[], isAwaited: boolean): void;
}

/** Cuts a stream of bytes into frames. */
export class FrameReader {
  readonly #outcomes = new OutcomeReader();
  readonly #calls = new CallReader();
  #chunks: Buffer[] = [];
  #buffered = 0;
  #needed = HEADER_BYTES;
  #unfinished: Unfinished | undefined;

  /** Where the next bytes may be read to. */
  #room = empty;

  constructor(private readonly events: FrameEvents) {}

  /** Memory to read the next bytes into: a part comes to where it stays. */
  room(): Buffer {
    if (this.#unfinished) {
      const { parts, part, filled } = this.#unfinished;
      return parts[part].subarray(filled);
    }
    if (this.#room.length < LEAST_ROOM) this.#room = Buffer.allocUnsafeSlow(MOST_ROOM);
    return this.#room;
  }

  /** @throws RangeError or the codec's error when the bytes are no frames */
  push(chunk: Buffer): void {
    let rest = chunk;
    if (chunk.buffer === this.#room.buffer) this.#room = this.#room.subarray((chunk.length + 3) & ~3);
    while (rest.length > 0) rest = this.#unfinished ? this.#fill(this.#unfinished, rest) : this.#cut(rest);
  }

  /** Takes whole frames, and keeps what is left of the chunk, unless it belongs to the parts of the last one. */
  #cut(chunk: Buffer): Buffer {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    if (this.#buffered < this.#needed) return empty;
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#buffered);
    this.#chunks = [];
    this.#buffered = 0;
    let at = 0;
    while (bytes.length - at >= HEADER_BYTES && !this.#unfinished) {
      const length = bytes.readUInt32LE(at);
      if ((length ^ DISGUISE) >>> 0 !== bytes.readUInt32LE(at + 4) || length === 0) {
        throw new RangeError('what came over the pipe is no frame');
      }
      this.#needed = HEADER_BYTES + length;
      if (bytes.length - at < this.#needed) break;
      const begin = at + HEADER_BYTES;
      at += this.#needed;
      this.#needed = HEADER_BYTES;
      this.#take(bytes, begin, at);
    }
    const rest = bytes.subarray(at);
    if (this.#unfinished) return rest;
    if (rest.length > 0) this.#chunks.push(rest);
    this.#buffered = rest.length;
    return empty;
  }

  #take(bytes: Buffer, begin: number, end: number, parts = noParts): void {
    const kind = bytes[begin];
    if (kind === First.smallOutcome) this.#takeOutcome(bytes, begin, end, parts);
    else if (kind === First.smallCalls) this.#takeCalls(bytes, begin, end, parts);
    else if (kind === First.withParts && parts === noParts)
      this.#unfinished = this.#begin(bytes.subarray(begin, end));
    else this.events.onFrame(deserializeFrame(bytes.subarray(begin, end), parts));
  }

  #takeOutcome(bytes: Buffer, begin: number, end: number, parts: readonly Buffer[]): void {
    const words = wordsOf(bytes, begin, end);
    const value = this.#outcomes.read(words, 1, parts);
    if (this.#outcomes.at !== words.length)
      throw new RangeError('an outcome has another length than it says');
    if (this.#outcomes.frame) this.events.onFrame(this.#outcomes.frame);
    else this.events.onOutcome?.(this.#outcomes.id, value, this.#outcomes.ms);
  }

  #takeCalls(bytes: Buffer, begin: number, end: number, parts: readonly Buffer[]): void {
    const words = wordsOf(bytes, begin, end);
    const { receivers = [] } = this.events;
    const calls: ReceivedCall[] = [];
    for (let at = 1; at < words.length; at = this.#calls.at)
      calls.push(this.#calls.read(words, at, receivers, parts));
    this.events.onCalls?.(calls, bytes[begin + 1] === AWAITED);
  }

  /** A frame with parts, each in memory of its own, where it stays. */
  #begin(body: Buffer): Unfinished {
    const count = body.readUInt32LE(1);
    const parts: Buffer[] = [];
    for (let index = 0; index < count; index++) {
      parts.push(Buffer.allocUnsafeSlow(body.readDoubleLE(5 + 8 * index)));
    }
    if (count === 0 || parts.some(({ length }) => length === 0))
      throw new RangeError('what comes beside a frame has no bytes');
    return { body: Buffer.from(body.subarray(5 + 8 * count)), parts, part: 0, filled: 0 };
  }

  /** Puts what has come into the parts; returns what belongs to the next frame. */
  #fill(frame: Unfinished, chunk: Buffer): Buffer {
    const part = frame.parts[frame.part];
    const copied = Math.min(chunk.length, part.length - frame.filled);
    if (chunk.buffer !== part.buffer) chunk.copy(part, frame.filled);
    frame.filled += copied;
    if (frame.filled < part.length) return empty;
    frame.part++;
    frame.filled = 0;
    if (frame.part === frame.parts.length) {
      this.#unfinished = undefined;
      this.#take(frame.body, 0, frame.body.length, frame.parts);
      // They are to live no longer than the value that holds them.
      frame.parts.length = 0;
    }
    return chunk.subarray(copied);
  }
}

/** A small frame as words, copied where it does not begin at one. */
function wordsOf(bytes: Buffer, begin: number, end: number): Int32Array {
  const offset = bytes.byteOffset + begin;
  const length = (end - begin) >> 2;
  if ((offset & 3) === 0) return new Int32Array(bytes.buffer, offset, length);
  return new Int32Array(Uint8Array.prototype.slice.call(bytes, begin, end).buffer, 0, length);
}
