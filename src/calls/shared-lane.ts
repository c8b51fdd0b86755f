/**
 * The memory that a thread and the executor share beside their port. It has two parts.
 *
 * Claims: one word per call in flight. The thread claims a call as it begins it, and the executor claims it
 * to take it back; whoever comes first has it. The words outlive the thread: after a loss they tell which
 * calls had begun.
 *
 * Outcomes: a ring of small results. The thread writes each as soon as it has it, and posts a message only
 * when the executor sleeps, so that results are never held back, and a busy executor is not woken for each.
 */
import { SMALL_VALUE_BYTES, SmallValueReader, writeSmallValue } from './small-value';

/** The most calls that one worker holds at a time. */
export const LANE_CALLS = 256;

const Claim = { offered: 0, begun: 1, takenBack: 2 } as const;

const RING_BYTES = 32 * 1024;
const HEAD = 0;
const TAIL = 1;
const SLEEPING = 2;
const HEADER_WORDS = 4;
const RECORD_BYTES = 4 + SMALL_VALUE_BYTES;
/** Instead of an id: the rest of the ring's end is unused. */
const SKIP = 0xffffffff;

export class SharedLane {
  readonly #header: Int32Array;
  readonly #claims: Int32Array;
  readonly #ring: DataView;
  readonly #reader = new SmallValueReader();

  constructor(
    readonly memory: SharedArrayBuffer = new SharedArrayBuffer((HEADER_WORDS + LANE_CALLS) * 4 + RING_BYTES),
  ) {
    this.#header = new Int32Array(memory, 0, HEADER_WORDS);
    this.#claims = new Int32Array(memory, HEADER_WORDS * 4, LANE_CALLS);
    this.#ring = new DataView(memory, (HEADER_WORDS + LANE_CALLS) * 4, RING_BYTES);
  }

  /** Executor: before a call is posted. */
  offer(id: number): void {
    Atomics.store(this.#claims, id % LANE_CALLS, Claim.offered);
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
    return Atomics.load(this.#claims, id % LANE_CALLS) === Claim.begun;
  }

  #claim(id: number, by: number): boolean {
    return Atomics.compareExchange(this.#claims, id % LANE_CALLS, Claim.offered, by) === Claim.offered;
  }

  /** Thread: true, once, when the executor sleeps and a posted message has to wake it. */
  mustWake(): boolean {
    return Atomics.exchange(this.#header, SLEEPING, 0) === 1;
  }

  /** Thread: writes an outcome; false when the value is not small, or the ring is full. */
  push(id: number, value: unknown): boolean {
    const head = Atomics.load(this.#header, HEAD);
    let tail = this.#header[TAIL];
    const room = RING_BYTES - (tail % RING_BYTES);
    if (RING_BYTES - (tail - head) < room + RECORD_BYTES) return false;
    if (room < RECORD_BYTES) {
      if (room >= 4) this.#ring.setUint32(tail % RING_BYTES, SKIP, true);
      tail += room;
    }
    const offset = tail % RING_BYTES;
    const end = writeSmallValue(this.#ring, offset + 4, value);
    if (end < 0) return false;
    this.#ring.setUint32(offset, id, true);
    Atomics.store(this.#header, TAIL, tail + (end - offset));
    return true;
  }

  /**
   * Executor: takes all outcomes. It counts as asleep afterwards, and what arrives in between is taken too,
   * so that no outcome waits without a message on its way.
   */
  drain(take: (id: number, value: unknown) => void): void {
    do {
      Atomics.store(this.#header, SLEEPING, 0);
      this.#takeAll(take);
      Atomics.store(this.#header, SLEEPING, 1);
    } while (this.#header[HEAD] !== Atomics.load(this.#header, TAIL));
  }

  #takeAll(take: (id: number, value: unknown) => void): void {
    let head = this.#header[HEAD];
    for (;;) {
      const tail = Atomics.load(this.#header, TAIL);
      if (head === tail) return;
      const offset = head % RING_BYTES;
      const room = RING_BYTES - offset;
      if (room < 4 || this.#ring.getUint32(offset, true) === SKIP) {
        head += room;
      } else {
        const value = this.#reader.read(this.#ring, offset + 4);
        head += this.#reader.offset - offset;
        const id = this.#ring.getUint32(offset, true);
        Atomics.store(this.#header, HEAD, head);
        take(id, value);
      }
    }
  }
}
