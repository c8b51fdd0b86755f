import { Durations } from '../calls/durations';
import type { SharedLane } from '../calls/wire/shared-lane';

/** So many outcomes wake the executor, which sleeps while calls are short. */
const TOGETHER = 32;
/** The oldest outcome waits no longer for others: by then the thread may have half of its calls left, and needs more. */
const WITHIN_MS = 0.5;
/** No outcome waits for a call that took longer when it last ran. */
const LONG_MS = 0.2;

/**
 * Tells a sleeping executor of the outcomes that a thread has put into the lane: several at a time while calls
 * are short, and at once when a long one follows, or none.
 */
export class Reporter {
  #unreported = 0;
  /** When the oldest of them came. */
  #since = 0;
  /** The callable of the present call, and what each took when it last ran, in milliseconds. */
  #callable = 0;
  readonly #lastMs = new Durations();
  /** The executor was asleep when it was last told. */
  hasWoken = false;

  /** @param wake - posts a message */
  constructor(
    private readonly lane: SharedLane,
    private readonly wake: () => void,
  ) {}

  begins(callable: number, now: number): void {
    this.#callable = callable;
    if (this.#unreported === 0) return;
    if (this.#unreported === 1) this.#since = now;
    const isShort = this.#lastMs.get(callable) < LONG_MS;
    if (!isShort || this.#unreported >= TOGETHER || now - this.#since > WITHIN_MS) this.report();
  }

  ended(ms: number): void {
    this.#lastMs.set(this.#callable, ms);
    this.#unreported++;
  }

  report(): void {
    if (this.#unreported === 0) return;
    this.#unreported = 0;
    // Another thread may have woken it.
    if (this.lane.outcomes.areRead) return;
    this.hasWoken = this.lane.wakeExecutor();
    if (this.hasWoken) this.wake();
  }
}
