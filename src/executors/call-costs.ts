/** How much work, in milliseconds, a worker holds at a time: more would wait too long behind each other. */
const HELD_MS = 1;
const MOST_CALLS = 128;
/** The weight of the newest measurement. */
const NEWEST = 0.3;

/** What the calls of each method cost, learned as they end: short ones travel together, long ones alone. */
export class CallCosts {
  readonly #milliseconds: (number | undefined)[] = [];

  /** Notes that `count` calls of a method took `elapsed` milliseconds together. */
  note(callable: number, elapsed: number, count: number): void {
    const cost = elapsed / count;
    const known = this.#milliseconds[callable];
    this.#milliseconds[callable] = known === undefined ? cost : known + NEWEST * (cost - known);
  }

  /** The milliseconds that a call of the method takes; undefined until one has ended. */
  of(callable: number): number | undefined {
    return this.#milliseconds[callable];
  }

  /** How many calls of the method a worker may hold. */
  window(callable: number): number {
    const cost = this.#milliseconds[callable];
    if (cost === undefined) return 1;
    return Math.max(1, Math.min(MOST_CALLS, Math.floor(HELD_MS / cost)));
  }
}
