import { clock } from '../calls/clock';
import { cores } from './pool-options';

/** A worker that ends before it is ready, without saying why, may have been killed from outside. */
const MOST_TRIES = 3;
const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 5_000;

/** When a pool may start workers, and how many. */
export class StartPolicy {
  #failures = 0;
  #notBefore = 0;

  /** False for a while after a failed start, longer each time: no storm of workers that cannot start. */
  isAllowed(): boolean {
    return clock.now() >= this.#notBefore;
  }

  /** True when so many workers in a row could not start that the calls that wait for one must hear of it. */
  mayNotRetry(): boolean {
    return this.#failures + 1 >= MOST_TRIES;
  }

  failed(): void {
    const backoff = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** this.#failures++);
    this.#notBefore = clock.now() + backoff;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  /**
   * How many workers to start for calls that have waited for too long.
   *
   * @param cost - what such a call takes in milliseconds, when one has ended before
   * @param startMs - about how long a worker takes to start: growing pays only if the queue would take longer
   * @param waitedMs - how long the oldest has waited: when longer than a start takes, what calls took before
   *   says nothing of those that run now, which may even wait for this one
   */
  wanted(
    waiting: number,
    workers: number,
    starting: number,
    cost: number | undefined,
    startMs: number,
    waitedMs: number,
  ): number {
    const ready = workers - starting;
    // Nothing is known while the first workers start: as many as can run in parallel, and no more.
    if (ready === 0) return Math.min(waiting, cores) - starting;
    if (cost !== undefined && waitedMs < startMs && (waiting * cost) / ready < startMs) return 0;
    return waiting - starting;
  }
}
