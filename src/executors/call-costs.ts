/** How much work, in milliseconds, a worker holds at a time: more would wait too long behind each other. */
const HELD_MS = 1;
const MOST_CALLS = 128;
/** Behind a call that takes no longer, another waits in the worker already, so that it need not wait for one. */
const AHEAD_MS = 2;
/** What is left of the weight of older measurements with each new one. */
const OLDER = 0.7;

interface Measured {
  elapsed: number;
  count: number;
}

/** What the calls of each method cost, learned as they end: short ones travel together, long ones alone. */
export class CallCosts {
  readonly #measured: (Measured | undefined)[] = [];

  /** Notes that `count` calls of a method took `elapsed` milliseconds together: many weigh more than few. */
  note(callable: number, elapsed: number, count: number): void {
    const known = (this.#measured[callable] ??= { elapsed: 0, count: 0 });
    known.elapsed = known.elapsed * OLDER + elapsed;
    known.count = known.count * OLDER + count;
  }

  /** The milliseconds that a call of the method takes; undefined until one has ended. */
  of(callable: number): number | undefined {
    const known = this.#measured[callable];
    return known && known.elapsed / known.count;
  }

  /** How many calls of the method a worker may hold. */
  window(callable: number): number {
    const cost = this.of(callable);
    if (cost === undefined) return 1;
    const least = cost <= AHEAD_MS ? 2 : 1;
    return Math.max(least, Math.min(MOST_CALLS, Math.floor(HELD_MS / cost)));
  }
}
