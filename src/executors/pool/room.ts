import { clock } from '../../calls/clock';
import { cores, type PoolLimits } from '../pool-options';
import type { CallCosts } from './call-costs';
import type { CallQueue } from './call-queue';
import type { PendingCall } from './pending-call';
import type { PoolWorker } from './pool-worker';

/**
 * A worker that has made no progress for so long, and for twice what its call should take, is in a long one: those
 * behind it go elsewhere.
 */
const STALLED_MS = 2;
/** A worker that has work for longer, or half of what it may hold, needs no more yet: fewer, larger frames. */
const REFILL_MS = 0.5;
/** Where more workers than cores may stand in for one that the machine holds up, it is to have less. */
const REFILL_SHARED_MS = 0.1;

export type RoomLimits = Pick<PoolLimits, 'maxWorkers' | 'maxCallsPerWorker' | 'mostAhead'>;

/** Tells which worker has room for a call, and for how many like it. */
export class Room {
  /** For how many calls the worker has room that {@link roomiest} has found. */
  found = 0;

  constructor(
    private readonly workers: ReadonlySet<PoolWorker>,
    private readonly costs: CallCosts,
    private readonly limits: RoomLimits,
    private readonly queue: CallQueue,
  ) {}

  /** The idle worker that ran last, so that the others get the chance to end; none where enough of them run. */
  latestIdle(call: PendingCall): PoolWorker | undefined {
    if (this.#areEnough(call)) return undefined;
    let best: PoolWorker | undefined;
    for (const worker of this.workers) {
      if (!worker.isIdle || worker.reach === 0 || worker.sent >= this.limits.maxCallsPerWorker) continue;
      if (!best || worker.lastProgress > best.lastProgress) best = worker;
    }
    return best;
  }

  /** The worker with room that has the fewest calls. */
  roomiest(call: PendingCall): PoolWorker | undefined {
    const now = clock.now();
    const areEnough = this.#areEnough(call);
    let best: PoolWorker | undefined;
    for (const worker of this.workers) {
      if (best && worker.held >= best.held) continue;
      if (areEnough && worker.held === 0) continue;
      const room = this.#of(worker, call, now);
      if (room <= 0) continue;
      best = worker;
      this.found = room;
    }
    return best;
  }

  /** How many workers are to run calls like this one: where one is to, and cannot hold all that there are, the cores. */
  sharersOf(call: PendingCall): number {
    const { size } = this.workers;
    if (this.#mustBeAlone(call)) return size;
    const sharers = this.costs.sharers(call);
    return Math.min(size, sharers === 1 && this.#isMoreThanOneHolds() ? cores : sharers);
  }

  #isMoreThanOneHolds(): boolean {
    let left = this.limits.mostAhead - this.queue.size;
    for (const worker of this.workers) left -= worker.held;
    return left < 0;
  }

  /** True when no idle worker is needed for the call: so many run others that are over as soon, to stand behind. */
  #areEnough(call: PendingCall): boolean {
    const sharers = this.sharersOf(call);
    if (sharers === this.workers.size) return false;
    const now = clock.now();
    let running = 0;
    for (const worker of this.workers) {
      const { head } = worker;
      if (head && this.costs.sharers(head) <= sharers && this.#windowBehind(worker, now) > 1) running++;
    }
    return running >= sharers;
  }

  /** How many calls a worker that has some may hold: none waits behind one that is long, or that may be. */
  #windowBehind(worker: PoolWorker, now: number): number {
    const { head } = worker;
    if (!head || head.isTimedClosely || this.isStalled(worker, now)) return 0;
    return this.costs.window(head.callable.index);
  }

  /** How many calls like this one a worker takes. */
  #of(worker: PoolWorker, call: PendingCall, now: number): number {
    // One that starts may yet fail to: what it had been sent would have to be sent again, or could not.
    if (worker.tainted || worker.state !== 'running') return 0;
    const held = worker.held;
    const left = this.limits.maxCallsPerWorker - worker.sent;
    const alone = this.#mustBeAlone(call);
    if (held === 0) return Math.min(left, worker.reach, alone ? 1 : this.costs.window(call.callable.index));
    if (alone || !worker.link.hasRoom) return 0;
    const { index } = call.callable;
    const heldMs = held * (this.costs.of(index) ?? Infinity);
    const refillMs = this.workers.size > cores ? REFILL_SHARED_MS : REFILL_MS;
    if (2 * held > this.limits.mostAhead || (held > 1 && heldMs > refillMs)) return 0;
    const window = Math.min(this.costs.window(index), this.#windowBehind(worker, now));
    return Math.min(left, window - held, worker.reach);
  }

  /** A call that must be alone, or is longer than those before it, starts a batch of its own. */
  readonly mayJoin = (call: PendingCall, joined: number): boolean =>
    !this.#mustBeAlone(call) && this.costs.window(call.callable.index) > joined;

  #mustBeAlone(call: PendingCall): boolean {
    return call.isTimedClosely || call.isMoved || call.unread > 0 || this.queue.isLimited(call);
  }

  /** True when the call that a worker runs takes longer than its like. */
  isStalled(worker: PoolWorker, now: number): boolean {
    const { head } = worker;
    const cost = (head && this.costs.of(head.callable.index)) ?? 0;
    return now - worker.lastProgress > STALLED_MS + 2 * cost;
  }
}
