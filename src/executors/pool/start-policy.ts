import { clock } from '../../calls/clock';

/** A worker that ends before it is ready, without saying why, may have been killed from outside. */
const MOST_TRIES = 3;
const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 5_000;

/** When a pool may start workers. */
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
}
