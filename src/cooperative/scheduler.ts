import { amongCopies } from '../calls/among-copies';
import { clock, setImmediate } from '../calls/clock';
import { Fifo } from '../calls/fifo';
import { TURN_MS } from '../calls/turn';

/** A slice that ends the turn is no shorter: turns cost something too. */
const WORTH_A_TURN_MS = 1;

/** A computation that runs in slices. */
export interface CooperativeTask {
  /** It goes on in microtasks after its slice, so that nothing may follow it in this turn of the loop. */
  readonly endsTurn?: boolean;
  /**
   * Runs until it has ended, has made the steps that it may make in one turn, or `until` is over.
   *
   * @param until - a time of `performance.now()`; Infinity for steps only, whatever time they take
   * @returns true when it has ended
   */
  advance(until: number): boolean;
}

/**
 * Runs the cooperative calls of a thread. One of your own is registered under the name `'cooperative'`:
 * `container.register(executorToken('cooperative'), { useValue: scheduler })`.
 */
export abstract class Scheduler {
  /** Takes a task; it has its first slice in a later turn of the loop. */
  abstract add(task: CooperativeTask): void;
}

/**
 * The scheduler of a thread: in each turn of the loop its tasks share one budget, in turn, so that a hundred
 * of them delay a timer no more than one does. Between two turns, timers, sockets and immediates of others
 * run: a full turn, not a microtask.
 */
export class LoopScheduler extends Scheduler {
  readonly #tasks = new Fifo<CooperativeTask>();
  #isScheduled = false;

  override add(task: CooperativeTask): void {
    this.#tasks.push(task);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    const deadline = clock.now() + TURN_MS;
    for (let left = this.#tasks.size; left > 0; left--) {
      const now = clock.now();
      if (now >= deadline) break;
      // Each turn goes round once: there is one.
      const task = this.#tasks.shift() as CooperativeTask;
      const share = (deadline - now) / left;
      const until = task.endsTurn ? Math.min(deadline, now + Math.max(share, WORTH_A_TURN_MS)) : now + share;
      if (!task.advance(until)) this.#tasks.push(task);
      if (task.endsTurn) break;
    }
    if (this.#tasks.size > 0) setImmediate(this.#turn);
    else this.#isScheduled = false;
  };
}

/** The scheduler of this thread, when the container has none: two copies of the package share one budget. */
export const threadScheduler = amongCopies<Scheduler>('scheduler', () => new LoopScheduler());
