/**
 * Frames as bytes, for a pipe: a header, then the frame in the v8 codec, or small calls or a small outcome in a
 * code of their own. The first byte tells them apart: the v8 codec begins with 0xff. Large arrays of bytes
 * follow a frame as they are. The header is the length, and the length again in disguise, so that what was not
 * meant as a frame is not taken for one.
 */
import { CALL_WORDS, CallWriter, isBare } from './call-records';
import { isKept } from '../values/payload';
import { serializeFrame } from './frame-codec';
import type { Frame, Known, OutcomeFrame, SentCall } from './frames';
import { OUTCOME_WORDS, OutcomeWriter } from './outcome-records';

export const HEADER_BYTES = 8;
const HEADER_WORDS = HEADER_BYTES / 4;
export const DISGUISE = 0x6c66666f;
/** The first byte of a frame that does not begin with the v8 codec's. */
export const First = { smallOutcome: 0x01, withParts: 0x02, smallCalls: 0x03 } as const;

/** The second byte of a frame of small calls whose sender stays awake for the outcome. */
export const AWAITED = 1;

/** A frame as bytes: first what is made here, then its parts. */
export interface FrameBytes {
  readonly own: readonly Uint8Array[];
  /** Large arrays of bytes, the very memory. */
  readonly parts: readonly Uint8Array[];
  /** True when nobody changes them; else they are the caller's, to be copied before anything else runs. */
  readonly areKept: boolean;
}

export function frameToBytes(frame: Frame): FrameBytes {
  const { body, parts } = serializeFrame(frame);
  return { own: framed(body, parts), parts, areKept: false };
}

/** The header and the body, in one piece unless it is large. */
function framed(body: Uint8Array, parts: readonly Uint8Array[]): readonly Uint8Array[] {
  const lengths = parts.length === 0 ? empty : lengthsOf(parts);
  const length = lengths.length + body.length;
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header.writeUInt32LE(length, 0);
  header.writeUInt32LE((length ^ DISGUISE) >>> 0, 4);
  return length < 16_384 ? [Buffer.concat([header, lengths, body])] : [header, lengths, body];
}

const empty = Buffer.alloc(0);
const noParts: readonly Uint8Array[] = [];

/** What stands before the body of a frame that is followed by parts: how many, and how long each is. */
function lengthsOf(parts: readonly Uint8Array[]): Buffer {
  const lengths = Buffer.allocUnsafe(1 + 4 + 8 * parts.length);
  lengths.writeUInt8(First.withParts, 0);
  lengths.writeUInt32LE(parts.length, 1);
  parts.forEach((part, index) => lengths.writeDoubleLE(part.length, 5 + 8 * index));
  return lengths;
}

const BODY = HEADER_WORDS + 1;
/** Room for a frame of small calls. */
const MOST_WORDS = BODY + 2 * CALL_WORDS;

/** Puts the header before what ends at `end`; the bytes are those of the words. */
function finish(words: Int32Array, kind: number, end: number): Buffer {
  const length = (end - HEADER_WORDS) * 4;
  words[0] = length;
  words[1] = length ^ DISGUISE;
  words[HEADER_WORDS] = kind;
  return Buffer.from(words.buffer as ArrayBuffer, 0, end * 4);
}

const outcome = new Int32Array(BODY + OUTCOME_WORDS);
const outcomeParts: Uint8Array[] = [];
const outcomes = new OutcomeWriter(undefined, outcomeParts);

/** A fulfilled outcome as pieces of bytes if its value is small; they are valid until the next frame. */
export function outcomeToBytes(id: number, value: unknown, ms: number): readonly Uint8Array[] | undefined {
  return finishOutcome(outcomes.prepare(value) < 0 ? -1 : outcomes.write(outcome, BODY, id, value, ms));
}

/** An error, or a result with patches, as {@link outcomeToBytes} does it. */
export function outcomeFrameToBytes(frame: OutcomeFrame): readonly Uint8Array[] | undefined {
  return finishOutcome(outcomes.prepareFrame(frame) < 0 ? -1 : outcomes.writeFrame(outcome, BODY, frame));
}

function finishOutcome(end: number): readonly Uint8Array[] | undefined {
  // Those of a value that needs another code do not go with the next.
  const parts = outcomeParts.length === 0 ? noParts : outcomeParts.splice(0);
  if (end < 0) return undefined;
  const bytes = finish(outcome, First.smallOutcome, end);
  return parts === noParts ? [bytes] : [...framed(bytes.subarray(HEADER_BYTES), parts), ...parts];
}

/** Small calls on their way into one frame; it must be taken before another is begun. */
export class CallsFrame {
  /** The first call in it. */
  firstId = 0;
  /** Not shared: arguments may have getters, which make other calls while the frame is being filled. */
  readonly #words = new Int32Array(MOST_WORDS);
  /** The large arrays of the call that was prepared last, and those of the frame. */
  readonly #prepared: Uint8Array[] = [];
  #parts = noParts;
  #areKept = false;
  #end = BODY;
  readonly #writer = new CallWriter(undefined, this.#prepared);

  /**
   * Adds calls from `begin` on, as long as they are bare and small and there is room; returns the index of the
   * first that was not added. One with large arrays is the last.
   */
  add(calls: readonly SentCall[], begin: number, known: Known): number {
    for (let index = begin; index < calls.length; index++) {
      const call = calls[index];
      const most = isBare(call, known) ? this.#writer.prepare(call) : -1;
      if (most < 0 || this.#end + most > MOST_WORDS) {
        // They go with the call, not with the next.
        this.#prepared.length = 0;
        return index;
      }
      const end = this.#writer.write(this.#words, this.#end, call, known);
      if (end < 0) return index;
      if (this.isEmpty) this.firstId = call.id;
      this.#end = end;
      if (this.#prepared.length === 0) continue;
      this.#parts = this.#prepared.splice(0);
      this.#areKept = isKept(call.envelope.args);
      return index + 1;
    }
    return calls.length;
  }

  get isEmpty(): boolean {
    return this.#end === BODY;
  }

  /** The frame, and starts another. */
  take(isAwaited: boolean): FrameBytes {
    const kind = isAwaited ? First.smallCalls | (AWAITED << 8) : First.smallCalls;
    // A copy: it may wait for the pipe while the next frame is filled.
    const bytes = Buffer.from(finish(this.#words, kind, this.#end));
    const parts = this.#parts;
    this.#end = BODY;
    this.#parts = noParts;
    return {
      own: parts === noParts ? [bytes] : framed(bytes.subarray(HEADER_BYTES), parts),
      parts,
      areKept: this.#areKept,
    };
  }
}
