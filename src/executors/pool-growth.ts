import { clock } from '../calls/clock';
import type { CallCosts } from './call-costs';
import type { PendingCall } from './pending-call';
import type { PoolWorker } from './pool-worker';
import { StartPolicy } from './start-policy';

/** What growth needs to know of its pool, and may ask of it. */
export interface Growable {
  readonly maxWorkers: number;
  readonly workers: ReadonlySet<PoolWorker>;
  readonly costs: CallCosts;
  /** How many calls wait for a worker. */
  waiting(): number;
  /** About how long a worker takes to start now, in milliseconds. */
  startMs(): number;
  openWorker(): void;
}

/** Decides when a pool opens a worker more: when it pays, and not while workers cannot start. */
export class PoolGrowth {
  readonly starts = new StartPolicy();

  constructor(private readonly pool: Growable) {}

  /** Calls wait for longer than they should. */
  onLate(oldest: PendingCall): void {
    const { workers, costs } = this.pool;
    const now = clock.now();
    const waitedMs = now - oldest.queuedAt;
    let starting = 0;
    let isMoving = false;
    for (const worker of workers) {
      if (worker.state === 'starting') starting++;
      else if (now - worker.lastProgress < waitedMs) isMoving = true;
    }
    // Where none has ended a call meanwhile, what calls took before says nothing.
    const cost = isMoving ? costs.of(oldest.callable.index) : undefined;
    this.by(
      this.starts.wanted(this.pool.waiting(), workers.size, starting, cost, this.pool.startMs(), waitedMs),
    );
  }

  /**
   * All workers have been busy without a pause. Short calls never wait for long; when they go on for longer
   * than a start takes, another worker pays.
   */
  onBusy(busyMs: number): void {
    if (busyMs >= this.pool.startMs()) this.by(1);
  }

  /** Opens so many workers, as far as there may be more. */
  by(count: number): void {
    for (let left = count; left > 0; left--) {
      if (this.pool.workers.size >= this.pool.maxWorkers || !this.starts.isAllowed()) return;
      this.pool.openWorker();
    }
  }
}
