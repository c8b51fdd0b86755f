/**
 * Frames as bytes, for a pipe: a header, then the frame in the v8 codec, or small calls or a small outcome in a
 * code of their own. The first byte tells them apart: the v8 codec begins with 0xff. Large arrays of bytes
 * follow a frame as they are. The header is the length, and the length again in disguise, so that what was not
 * meant as a frame is not taken for one.
 */
import { CALL_WORDS, CallReader, CallWriter, isBare } from './call-records';
import { deserializeFrame, serializeFrame } from './frame-codec';
import type { Frame, Known, ReceivedCall, SentCall } from './frames';
import { OUTCOME_WORDS, OutcomeReader, OutcomeWriter, type TakeOutcome } from './outcome-records';
import type { ReceiverData } from './receiver';

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
const HEADER_WORDS = HEADER_BYTES / 4;
const DISGUISE = 0x6c66666f;
/** How much is read at a time. */
const MOST_ROOM = 64 * 1024;
const LEAST_ROOM = 8 * 1024;
const SMALL_OUTCOME = 0x01;
const WITH_PARTS = 0x02;
const SMALL_CALLS = 0x03;

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

/** Room for a frame of small calls. */
const MOST_WORDS = 4 * 1024;
const BODY = HEADER_WORDS + 1;

/** Puts the header before what ends at `end`; the bytes are those of the words. */
function finish(words: Int32Array, kind: number, end: number): Buffer {
  const length = (end - HEADER_WORDS) * 4;
  words[0] = length;
  words[1] = length ^ DISGUISE;
  words[HEADER_WORDS] = kind;
  return Buffer.from(words.buffer as ArrayBuffer, 0, end * 4);
}

const outcome = new Int32Array(BODY + OUTCOME_WORDS);
const outcomes = new OutcomeWriter();

/** A fulfilled outcome as bytes if its value is small; they are valid until the next frame. */
export function outcomeToBytes(id: number, value: unknown, ms: number): Buffer | undefined {
  const end = outcomes.write(outcome, BODY, id, value, ms);
  return end < 0 ? undefined : finish(outcome, SMALL_OUTCOME, end);
}

/** Small calls on their way into one frame; it must be taken before another is begun. */
export class CallsFrame {
  /** The first call in it. */
  firstId = 0;
  /** Not shared: arguments may have getters, which make other calls while the frame is being filled. */
  readonly #words = new Int32Array(MOST_WORDS);
  #end = BODY;
  readonly #writer = new CallWriter();

  /**
   * Adds calls from `begin` on, as long as they are bare and small and there is room; returns the index of the
   * first that was not added.
   */
  add(calls: readonly SentCall[], begin: number, known: Known): number {
    for (let index = begin; index < calls.length; index++) {
      const call = calls[index];
      if (this.#end + CALL_WORDS > MOST_WORDS || !isBare(call, known) || !this.#writer.prepare(call))
        return index;
      const end = this.#writer.write(this.#words, this.#end, call, known);
      if (end < 0) return index;
      if (this.isEmpty) this.firstId = call.id;
      this.#end = end;
    }
    return calls.length;
  }

  get isEmpty(): boolean {
    return this.#end === BODY;
  }

  /** The frame, and starts another. */
  takeBytes(): Buffer {
    const bytes = Buffer.from(finish(this.#words, SMALL_CALLS, this.#end));
    this.#end = BODY;
    return bytes;
  }
}

/** A frame whose parts are still on their way. */
interface Unfinished {
  readonly body: Buffer;
  readonly parts: readonly Buffer[];
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
  /** Small calls have come. */
  onCalls?(calls: ReceivedCall[]): void;
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

  #take(bytes: Buffer, begin: number, end: number): void {
    const kind = bytes[begin];
    if (kind === SMALL_OUTCOME) this.#takeOutcome(bytes, begin, end);
    else if (kind === SMALL_CALLS) this.#takeCalls(bytes, begin, end);
    else if (kind === WITH_PARTS) this.#unfinished = this.#begin(bytes.subarray(begin, end));
    else this.events.onFrame(deserializeFrame(bytes.subarray(begin, end), []));
  }

  #takeOutcome(bytes: Buffer, begin: number, end: number): void {
    const words = wordsOf(bytes, begin, end);
    const value = this.#outcomes.read(words, 1);
    if (this.#outcomes.at !== words.length)
      throw new RangeError('an outcome has another length than it says');
    this.events.onOutcome?.(this.#outcomes.id, value, this.#outcomes.ms);
  }

  #takeCalls(bytes: Buffer, begin: number, end: number): void {
    const words = wordsOf(bytes, begin, end);
    const { receivers = [] } = this.events;
    const calls: ReceivedCall[] = [];
    for (let at = 1; at < words.length; at = this.#calls.at)
      calls.push(this.#calls.read(words, at, receivers));
    this.events.onCalls?.(calls);
  }

  /** A frame with parts, each in memory of its own, where it stays. */
  #begin(body: Buffer): Unfinished {
    const count = body.readUInt32LE(1);
    const parts: Buffer[] = [];
    for (let index = 0; index < count; index++) {
      parts.push(Buffer.allocUnsafeSlow(body.readDoubleLE(5 + 8 * index)));
    }
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
      this.events.onFrame(deserializeFrame(frame.body, frame.parts));
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
