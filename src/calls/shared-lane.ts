/**
 * The memory that a thread and the executor share beside their port. It has three parts.
 *
 * Claims: one word per call in flight. The thread claims a call as it begins it, and the executor claims it
 * to take it back; whoever comes first has it. The words outlive the thread: after a loss they tell which
 * calls had begun.
 *
 * Aborts: one word per call in flight, for methods that look at their signal without a turn of the loop.
 *
 * Outcomes: a ring of small results. The thread writes each as soon as it has it, and posts a message only
 * when the executor sleeps, so that results are never held back, and a busy executor is not woken for each.
 */
import { SMALL_VALUE_BYTES, SmallValueReader, writeSmallValue } from './small-value';

/** The most calls that one worker holds at a time. */
export const LANE_CALLS = 256;

/** A claim word holds the call's id and one of these, so that a late claim of a reused word fails. */
const Claim = { offered: 0, begun: 1, takenBack: 2 } as const;
const word = (id: number, claim: number): number => (id << 2) | claim;

/** A power of two: positions run on past 2^31 and wrap, and the mask still finds their place. */
const RING_BYTES = 32 * 1024;
const RING_MASK = RING_BYTES - 1;
const HEAD = 0;
const TAIL = 1;
const SLEEPING = 2;
const HEADER_WORDS = 4;
const RING_OFFSET = (HEADER_WORDS + 2 * LANE_CALLS) * 4;
const RECORD_BYTES = 4 + SMALL_VALUE_BYTES;
/** Instead of an id: the rest of the ring's end is unused. */
const SKIP = 0xffffffff;

export class SharedLane {
  readonly #header: Int32Array;
  readonly #claims: Int32Array;
  readonly #aborted: Int32Array;
  readonly #ring: DataView;
  readonly #reader = new SmallValueReader();

  constructor(readonly memory: SharedArrayBuffer = new SharedArrayBuffer(RING_OFFSET + RING_BYTES)) {
    this.#header = new Int32Array(memory, 0, HEADER_WORDS);
    this.#claims = new Int32Array(memory, HEADER_WORDS * 4, LANE_CALLS);
    this.#aborted = new Int32Array(memory, (HEADER_WORDS + LANE_CALLS) * 4, LANE_CALLS);
    this.#ring = new DataView(memory, RING_OFFSET, RING_BYTES);
  }

  /** Executor: before a call is posted. */
  offer(id: number): void {
    Atomics.store(this.#claims, id % LANE_CALLS, word(id, Claim.offered));
  }

  /** Thread: true when the call is its own to run. */
  begin(id: number): boolean {
    return this.#claim(id, Claim.begun);
  }

  /** Executor: true when the call had not begun, and never will there. */
  takeBack(id: number): boolean {
    return this.#claim(id, Claim.takenBack);
  }

  hasBegun(id: number): boolean {
    return Atomics.load(this.#claims, id % LANE_CALLS) === word(id, Claim.begun);
  }

  /** Executor: after the abort of a call was posted; a method in a synchronous loop sees it all the same. */
  abort(id: number): void {
    Atomics.store(this.#aborted, id % LANE_CALLS, id);
  }

  isAborted(id: number): boolean {
    return Atomics.load(this.#aborted, id % LANE_CALLS) === id;
  }

  #claim(id: number, by: number): boolean {
    const offered = word(id, Claim.offered);
    return Atomics.compareExchange(this.#claims, id % LANE_CALLS, offered, word(id, by)) === offered;
  }

  /** Thread: true, once, when the executor sleeps and a posted message has to wake it. */
  mustWake(): boolean {
    return Atomics.exchange(this.#header, SLEEPING, 0) === 1;
  }

  /** Thread: writes an outcome; false when the value is not small, or the ring is full. */
  push(id: number, value: unknown): boolean {
    const head = Atomics.load(this.#header, HEAD);
    let tail = this.#header[TAIL];
    const room = RING_BYTES - (tail & RING_MASK);
    if (RING_BYTES - ((tail - head) | 0) < room + RECORD_BYTES) return false;
    if (room < RECORD_BYTES) {
      if (room >= 4) this.#ring.setUint32(tail & RING_MASK, SKIP, true);
      tail = (tail + room) | 0;
    }
    const offset = tail & RING_MASK;
    const end = writeSmallValue(this.#ring, offset + 4, value);
    if (end < 0) return false;
    this.#ring.setUint32(offset, id, true);
    Atomics.store(this.#header, TAIL, tail + (end - offset));
    return true;
  }

  /** Executor: takes all outcomes, and stays awake: it has to look again, or fall asleep. */
  drain(take: (id: number, value: unknown) => void): void {
    Atomics.store(this.#header, SLEEPING, 0);
    this.#takeAll(take);
  }

  /** Executor: falls asleep, unless an outcome has come: true when asleep. */
  fallAsleep(): boolean {
    Atomics.store(this.#header, SLEEPING, 1);
    // What was written before the thread could see the flag has no message on its way.
    return this.#header[HEAD] === Atomics.load(this.#header, TAIL);
  }

  #takeAll(take: (id: number, value: unknown) => void): void {
    let head = this.#header[HEAD];
    for (;;) {
      const tail = Atomics.load(this.#header, TAIL);
      if (head === tail) return;
      const offset = head & RING_MASK;
      const room = RING_BYTES - offset;
      if (room < 4 || this.#ring.getUint32(offset, true) === SKIP) {
        head = (head + room) | 0;
      } else {
        const value = this.#reader.read(this.#ring, offset + 4);
        head = (head + this.#reader.offset - offset) | 0;
        const id = this.#ring.getUint32(offset, true);
        Atomics.store(this.#header, HEAD, head);
        take(id, value);
      }
    }
  }
}
