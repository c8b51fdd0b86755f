import { Durations } from '../../calls/durations';
import { cores } from '../pool-options';
import type { PendingCall } from './pending-call';

/** How much work, in milliseconds, a worker holds at a time: more would wait too long behind each other. */
const HELD_MS = 1;
/** Behind a call that takes no longer, another waits in the worker already, so that it need not wait for one. */
const AHEAD_MS = 2;
/** A call that takes no longer computes: one that waits for something takes more. */
const SHORT_MS = 0.2;
/** A call that takes no longer is over when the next one comes: to make one takes as long. */
const SOON_OVER_MS = 0.001;
/** What a new measurement weighs beside those before it. */
const WEIGHT = 1 / 16;
/** One that is longer by more than this counts as this much longer: a rare long call is no reason to hold back. */
const OUTLIER = 8;
const OUTLIER_MS = 0.1;

/** What the calls of each method cost, learned as they end: short ones travel together, long ones alone. */
export class CallCosts {
  readonly #costs = new Durations();
  /** What most calls of each take, whatever holds a few of them up. */
  readonly #usual = new Durations();

  constructor(private readonly mostAhead: number) {}

  /** Notes how long a call of the method ran. */
  note(callable: number, ms: number): void {
    const known = this.#costs.get(callable);
    const unlikelyMs = known * OUTLIER + OUTLIER_MS;
    const cost = Number.isNaN(known) ? ms : known + (Math.min(ms, unlikelyMs) - known) * WEIGHT;
    this.#costs.set(callable, cost);
    const usual = this.#usual.get(callable);
    const most = 2 * usual + SOON_OVER_MS / 4;
    this.#usual.set(callable, Number.isNaN(usual) ? ms : usual + (Math.min(ms, most) - usual) * WEIGHT);
  }

  /** The milliseconds that a call of the method takes; undefined until one has ended. */
  of(callable: number): number | undefined {
    const cost = this.#costs.get(callable);
    return Number.isNaN(cost) ? undefined : cost;
  }

  /** True when calls of the method only compute, as far as is known. */
  areShort(callable: number): boolean {
    return this.#costs.get(callable) <= SHORT_MS;
  }

  /**
   * How many workers are to share calls such as this one: more would share the cores alone. One runs those that are
   * soon over as fast as they come, and leaves a core to who makes them.
   */
  sharers({ callable: { index }, isLarge }: Pick<PendingCall, 'callable' | 'isLarge'>): number {
    if (!isLarge && this.#usual.get(index) <= SOON_OVER_MS) return 1;
    return this.areShort(index) ? cores : Infinity;
  }

  /** How many calls of the method a worker may hold. */
  window(callable: number): number {
    const cost = this.#costs.get(callable);
    if (Number.isNaN(cost)) return 1;
    if (cost * this.mostAhead <= HELD_MS) return this.mostAhead;
    return Math.max(cost <= AHEAD_MS ? 2 : 1, Math.floor(HELD_MS / cost));
  }
}
