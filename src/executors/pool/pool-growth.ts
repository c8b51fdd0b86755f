import { clock } from '../../calls/clock';
import type { CallCosts } from './call-costs';
import type { PendingCall } from './pending-call';
import { cores, type PoolLimits } from '../pool-options';
import type { PoolWorker } from './pool-worker';
import { StartPolicy } from './start-policy';

/** A call that has waited for so long asks for another worker. */
const LATE_MS = 5;
/** The first calls of a worker take longest: while it ends them, it is not judged for so long. */
const YOUNG_MS = 25;
/** Beyond the cores: calls that have taken so long, or one that has not ended for so long, may wait for something. */
const PATIENCE_MS = 25;

/** What growth needs to know of its pool, and may ask of it. */
export interface Growable {
  readonly limits: Pick<PoolLimits, 'maxWorkers' | 'startMs'>;
  readonly workers: ReadonlySet<PoolWorker>;
  readonly costs: CallCosts;
  /** How many calls wait for a worker. */
  waiting(): number;
  openWorker(): void;
}

/** Decides when a pool opens a worker more: when it pays, and not while workers cannot start. */
export class PoolGrowth {
  readonly starts = new StartPolicy();

  constructor(private readonly pool: Growable) {}

  /** Calls wait; they should not for long. */
  onWaiting(oldest: PendingCall): void {
    const { workers, costs } = this.pool;
    const now = clock.now();
    let starting = 0;
    // The wait for the first workers says nothing: since the last one has come, the calls may wait for no more.
    let since = oldest.queuedAt;
    for (const worker of workers) {
      const { state, importer, readySince } = worker;
      const hasEnded = worker.sent > worker.held;
      // The import for its first call is part of its start.
      if (state === 'starting' || (importer && !hasEnded)) starting++;
      else since = Math.max(since, hasEnded && now - readySince < YOUNG_MS ? now : readySince);
    }
    const waitedMs = now - since;
    if (waitedMs < LATE_MS || !this.#mayPay()) return;
    let isMoving = false;
    for (const worker of workers)
      if (worker.state !== 'starting' && now - worker.lastProgress < waitedMs) isMoving = true;
    // Where none has ended a call meanwhile, what calls took before says nothing.
    const cost = isMoving ? costs.of(oldest.callable.index) : undefined;
    this.by(this.#wanted(starting, cost, waitedMs) - starting);
  }

  /**
   * How many workers are to start, with those that do already, for calls that have waited for too long.
   *
   * @param cost - what such a call takes in milliseconds, when one has ended before
   * @param waitedMs - how long the oldest has waited: when longer than a start takes, what calls took before
   *   says nothing of those that run now, which may even wait for this one
   */
  #wanted(starting: number, cost: number | undefined, waitedMs: number): number {
    const { limits, workers } = this.pool;
    const waiting = this.pool.waiting();
    const ready = workers.size - starting;
    // Nothing is known while the first workers start: as many as can run in parallel, and no more.
    if (ready === 0) return Math.min(waiting, cores);
    // Growing pays only if the queue would take longer than a start.
    const isShort = cost !== undefined && (waiting * cost) / ready < limits.startMs;
    return isShort && waitedMs < limits.startMs ? 0 : waiting;
  }

  /**
   * All workers have been busy without a pause. Short calls never wait for long; when they go on for longer
   * than a start takes, another worker pays.
   */
  onBusy(busyMs: number): void {
    if (busyMs >= this.pool.limits.startMs && this.#mayPay()) this.by(1);
  }

  /** False where as many run short calls as are to share these: more of them would only share the cores. */
  #mayPay(): boolean {
    const { workers, costs } = this.pool;
    const now = clock.now();
    let sharers = 0;
    for (const { head, importer, lastProgress, sent, held } of workers) {
      if (!head || importer) continue;
      if (now - lastProgress > PATIENCE_MS) return true;
      const { index } = head.callable;
      if (!costs.areShort(index) && (costs.of(index) ?? 0) * (sent - held) > PATIENCE_MS) return true;
      sharers = Math.max(sharers, costs.sharers(head));
    }
    return workers.size < Math.min(cores, sharers || cores);
  }

  /** Opens so many workers, as far as there may be more. */
  by(count: number): void {
    for (let left = count; left > 0; left--) {
      if (this.pool.workers.size >= this.pool.limits.maxWorkers || !this.starts.isAllowed()) return;
      this.pool.openWorker();
    }
  }
}
