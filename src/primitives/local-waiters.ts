import { rethrow } from '../calls/caller-stack';
import { deadlineOf, watchWait, type WaitOptions } from './wait-options';

/** One promise of this thread that waits for its turn. */
export interface LocalWaiter<Turn> {
  turn: Turn;
  /** Its turn has come; false when it has found nothing, and waits on. */
  resolve(grant: number): boolean;
}

/** The promises of this thread that wait in one line, in their order: only the first is known to other threads. */
export class LocalWaiters<Turn> {
  readonly #waiters = new Set<LocalWaiter<Turn>>();

  get size(): number {
    return this.#waiters.size;
  }

  get first(): LocalWaiter<Turn> | undefined {
    for (const waiter of this.#waiters) return waiter;
    return undefined;
  }

  [Symbol.iterator](): Iterator<LocalWaiter<Turn>> {
    return this.#waiters.values();
  }

  /**
   * Adds a waiter.
   *
   * @param turn - what tells when its turn has come
   * @param onGone - told when it has given up, after it was removed, with whether it was the first
   * @param take - takes what it waits for, when its turn has come; false when it is not there. Default: the turn is all
   * @param deadline - when the time of `options` is over. Default: it begins now
   * @throws the signal's reason when it has aborted already: no waiter is added then
   */
  add(
    what: string,
    turn: Turn,
    options: WaitOptions | undefined,
    onGone: (wasFirst: boolean) => void,
    take?: () => boolean,
    deadline = deadlineOf(options),
  ): Promise<number> {
    options?.signal?.throwIfAborted();
    const turnComes = new Promise<number>((resolve, reject) => {
      const giveUp = (reason: unknown): void => {
        const wasFirst = this.first === waiter;
        this.remove(waiter);
        stopWatching();
        reject(reason);
        onGone(wasFirst);
      };
      const waiter: LocalWaiter<Turn> = {
        turn,
        resolve: (grant) => {
          try {
            if (take?.() === false) return false;
            resolve(grant);
          } catch (error) {
            reject(error);
          }
          stopWatching();
          return true;
        },
      };
      const stopWatching = watchWait(what, options, deadline, giveUp);
      this.#waiters.add(waiter);
    });
    return turnComes.then(undefined, rethrow);
  }

  remove(waiter: LocalWaiter<Turn>): void {
    this.#waiters.delete(waiter);
  }
}
