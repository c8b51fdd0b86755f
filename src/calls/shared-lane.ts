/**
 * The memory that a thread and the executor share beside their port. It has three parts: the {@link Claims};
 * the aborts, one word per call in flight, for methods that look at their signal without a turn of the loop;
 * and the outcomes.
 *
 * Outcomes: a ring of small results. The thread writes each as soon as it has it, and posts a message only
 * when the executor sleeps, so that results are never held back, and a busy executor is not woken for each.
 */
import { CLAIM_SLOTS, Claims } from './claims';
import { SMALL_VALUE_BYTES, SmallValueReader, writeSmallValue } from './small-value';

/** A power of two: positions run on past 2^31 and wrap, and the mask still finds their place. */
const RING_BYTES = 32 * 1024;
const RING_MASK = RING_BYTES - 1;
const HEAD = 0;
const TAIL = 1;
const SLEEPING = 2;
const LINGERING = 3;
const HEADER_WORDS = 4;
const CLAIMS_OFFSET = HEADER_WORDS * 4;
const ABORTS_OFFSET = CLAIMS_OFFSET + Claims.bytes;
const RING_OFFSET = ABORTS_OFFSET + CLAIM_SLOTS * 4;
const RECORD_BYTES = 4 + SMALL_VALUE_BYTES;
/** Instead of an id: the rest of the ring's end is unused. */
const SKIP = 0xffffffff;

export class SharedLane {
  readonly claims: Claims;
  readonly #header: Int32Array;
  readonly #aborted: Int32Array;
  readonly #ring: DataView;
  readonly #reader = new SmallValueReader();

  constructor(readonly memory: SharedArrayBuffer = new SharedArrayBuffer(RING_OFFSET + RING_BYTES)) {
    this.#header = new Int32Array(memory, 0, HEADER_WORDS);
    this.claims = new Claims(memory, CLAIMS_OFFSET);
    this.#aborted = new Int32Array(memory, ABORTS_OFFSET, CLAIM_SLOTS);
    this.#ring = new DataView(memory, RING_OFFSET, RING_BYTES);
  }

  /** Executor: after the abort of a call was posted; a method in a synchronous loop sees it all the same. */
  abort(id: number): void {
    Atomics.store(this.#aborted, id % CLAIM_SLOTS, id);
  }

  isAborted(id: number): boolean {
    return Atomics.load(this.#aborted, id % CLAIM_SLOTS) === id;
  }

  /** Thread: whether it is awake without a call, looking out for the next. */
  setLingering(lingering: boolean): void {
    Atomics.store(this.#header, LINGERING, lingering ? 1 : 0);
  }

  /** Executor: true when the thread will see a call without being woken up. */
  isLingering(): boolean {
    return Atomics.load(this.#header, LINGERING) === 1;
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

  /** Executor: it will look by itself, and needs no message. */
  stayAwake(): void {
    Atomics.store(this.#header, SLEEPING, 0);
  }

  /** Executor: takes all outcomes, and stays awake: it has to look again, or fall asleep. */
  drain(take: (id: number, value: unknown) => void): void {
    this.stayAwake();
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
