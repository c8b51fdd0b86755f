import { clearTimeout, setTimeout } from 'node:timers';
import { onAbort } from '../calls/abort-listeners';
import type { WaitOptions } from './wait-options';
import { timedOut } from './wait-options';

/** One promise of this thread that stands in a line. */
export interface LocalWaiter {
  /** What it needs before its turn can come, in units of the line. */
  readonly need: number;
  resolve(grant: number): void;
}

/** The promises of this thread that wait in one line, in their order: only the first is known to other threads. */
export class LocalWaiters {
  readonly #waiters = new Set<LocalWaiter>();

  get size(): number {
    return this.#waiters.size;
  }

  get first(): LocalWaiter | undefined {
    for (const waiter of this.#waiters) return waiter;
    return undefined;
  }

  /**
   * Adds a waiter.
   *
   * @param onGone - told when it has given up, after it was removed, with whether it was the first
   */
  add(
    what: string,
    need: number,
    options: WaitOptions | undefined,
    onGone: (wasFirst: boolean) => void,
  ): Promise<number> {
    return new Promise((resolve, reject) => {
      const { signal, timeoutMs = Infinity } = options ?? {};
      signal?.throwIfAborted();
      let timer: NodeJS.Timeout | undefined;
      const giveUp = (reason: unknown): void => {
        const wasFirst = this.first === waiter;
        this.remove(waiter);
        stopWatching();
        reject(reason);
        onGone(wasFirst);
      };
      const stopWatching = (): void => {
        clearTimeout(timer);
        unsubscribe?.();
      };
      const waiter: LocalWaiter = {
        need,
        resolve: (grant) => {
          stopWatching();
          resolve(grant);
        },
      };
      if (timeoutMs !== Infinity) timer = setTimeout(() => giveUp(timedOut(what, options)), timeoutMs);
      const unsubscribe = signal && onAbort(signal, () => giveUp(signal.reason));
      this.#waiters.add(waiter);
    });
  }

  remove(waiter: LocalWaiter): void {
    this.#waiters.delete(waiter);
  }
}
