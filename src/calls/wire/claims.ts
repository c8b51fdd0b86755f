/** How many claims fit: more than a worker is ever ahead of its oldest call. */
export const CLAIM_SLOTS = 1_024;

const By = { worker: 1, executor: 2 } as const;
const claim = (id: number, by: number): number => (id << 2) | by;

/**
 * Whose a call is, in memory that two threads share: one word per call in flight. The worker claims a call as
 * it begins it, and the executor's side claims it to take it back; whoever comes first has it. The words
 * outlive a thread: after a loss they tell which calls had begun.
 *
 * A word names the call's id. An older call's claim in the same slot is none; where a newer call's stands, the
 * call itself is long over.
 */
export class Claims {
  static readonly bytes = CLAIM_SLOTS * Int32Array.BYTES_PER_ELEMENT;
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer, offset = 0) {
    this.#words = new Int32Array(memory, offset, CLAIM_SLOTS);
  }

  /** Worker: true when the call is its own to run. */
  begin(id: number): boolean {
    return this.#claim(id, By.worker);
  }

  /** Executor: true when the call had not begun, and never will there. */
  takeBack(id: number): boolean {
    return this.#claim(id, By.executor);
  }

  hasBegun(id: number): boolean {
    return Atomics.load(this.#words, id % CLAIM_SLOTS) === claim(id, By.worker);
  }

  #claim(id: number, by: number): boolean {
    const slot = id % CLAIM_SLOTS;
    const held = Atomics.load(this.#words, slot);
    if (held >= claim(id, By.worker)) return false;
    return Atomics.compareExchange(this.#words, slot, held, claim(id, by)) === held;
  }
}
