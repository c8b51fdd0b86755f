import { clock } from '../calls/clock';
import { clearTimeout, setTimeout } from 'node:timers';
import type { CallCosts } from './call-costs';
import { CallQueue } from './call-queue';
import type { PendingCall } from './pending-call';
import type { PoolWorker } from './pool-worker';

/** How often the dispatcher looks after calls that wait, while any do. */
export const WATCH_MS = 5;
/** A worker that has made no progress for so long is in a long call: those behind it go elsewhere. */
const STALLED_MS = 4;

/** A worker that has work for so long yet needs no more: by then a frame has reached it. */
const REFILL_MS = 0.1;

export interface DispatcherLimits {
  readonly maxCallsPerWorker: number;
}

/** Hears when there may be too few workers. */
export interface Growth {
  /** Calls wait for longer than they should; this is the oldest of them. */
  onLate(oldest: PendingCall): void;
  /** All workers have been busy without a pause for so many milliseconds. */
  onBusy(busyMs: number): void;
}

/**
 * Decides which worker gets which calls, and when. Short calls travel several at a time, long ones alone; a
 * single call goes out at once; calls that stand behind a long one are taken back and given to another.
 */
export class Dispatcher {
  readonly queue = new CallQueue();
  #flushing = false;
  #watch: NodeJS.Timeout | undefined;

  constructor(
    private readonly workers: ReadonlySet<PoolWorker>,
    private readonly costs: CallCosts,
    private readonly limits: DispatcherLimits,
    private readonly growth: Growth,
  ) {}

  /** Takes a new call: an idle worker gets it at once, else it is handed out with its like, this tick. */
  add(call: PendingCall): void {
    this.queue.push(call);
    if (this.queue.size === 1 && this.#sendToIdle()) return;
    this.#watchOver();
    if (this.#flushing) return;
    this.#flushing = true;
    clock.microtask(() => {
      this.#flushing = false;
      this.handOut();
    });
  }

  /** Hands waiting calls out, an even share to each worker that has room. */
  handOut(): void {
    while (this.queue.size > 0) {
      const call = this.queue.peek();
      if (!call) break;
      const [worker, room] = this.#roomiest(call);
      if (!worker) break;
      this.#fill(worker, Math.min(room, Math.ceil(this.queue.size / this.workers.size)));
    }
    if (this.queue.size === 0) this.#share();
    else this.#watchOver();
  }

  stop(): void {
    clearTimeout(this.#watch);
    this.#watch = undefined;
  }

  /** The one call that waits, to the idle worker that ran last, so that the others get the chance to end. */
  #sendToIdle(): boolean {
    let best: PoolWorker | undefined;
    for (const worker of this.workers) {
      if (worker.isIdle && (!best || worker.lastProgress > best.lastProgress)) best = worker;
    }
    const call = best && this.queue.shift();
    if (!best || !call) return false;
    best.send([call]);
    return true;
  }

  #roomiest(call: PendingCall): [worker: PoolWorker | undefined, room: number] {
    const now = clock.now();
    let best: PoolWorker | undefined;
    let bestRoom = 0;
    for (const worker of this.workers) {
      if (best && worker.calls.size >= best.calls.size) continue;
      const room = this.#roomOf(worker, call, now);
      if (room <= 0) continue;
      best = worker;
      bestRoom = room;
    }
    return [best, bestRoom];
  }

  /** How many calls like this one a worker takes. */
  #roomOf(worker: PoolWorker, call: PendingCall, now: number): number {
    if (worker.tainted || worker.state === 'closing' || worker.state === 'ended') return 0;
    const held = worker.calls.size;
    const left = this.limits.maxCallsPerWorker - worker.sent;
    const alone = call.isTimed || call.call.options.concurrency !== undefined || worker.state === 'starting';
    if (held === 0) return Math.min(left, alone ? 1 : this.costs.window(call.callable.index));
    if (alone || worker.head?.isTimed || now - worker.lastProgress > STALLED_MS) return 0;
    // It is filled up when it is about to run dry: fewer, larger frames.
    const { index } = call.callable;
    if (held > 1 && held * (this.costs.of(index) ?? Infinity) > REFILL_MS) return 0;
    return Math.min(left, this.costs.window(index) - held, worker.reach);
  }

  #fill(worker: PoolWorker, count: number): void {
    const batch: PendingCall[] = [];
    while (batch.length < count) {
      const next = this.queue.peek();
      // A call that must be alone, or is longer than those before it, starts a batch of its own.
      if (
        !next ||
        (batch.length > 0 && (next.isTimed || this.costs.window(next.callable.index) <= batch.length))
      )
        break;
      batch.push(this.queue.shift() as PendingCall);
    }
    worker.send(batch);
  }

  /** When nothing waits and a worker is idle, it gets what stands behind a long call. */
  #share(): void {
    let idle = false;
    let stuck: PoolWorker | undefined;
    for (const worker of this.workers) {
      if (worker.isIdle) idle = true;
      else if (worker.calls.size > 1) stuck = worker;
    }
    if (!idle || !stuck) return;
    if (clock.now() - stuck.lastProgress > STALLED_MS / 2) stuck.takeBack();
    else this.#watchOver();
  }

  #watchOver(): void {
    this.#watch ??= setTimeout(() => {
      this.#watch = undefined;
      this.#lookAfter();
    }, WATCH_MS);
  }

  #lookAfter(): void {
    const now = clock.now();
    let several = false;
    let busyMs = Infinity;
    for (const worker of this.workers) {
      if (worker.calls.size < 2) {
        busyMs = 0;
        continue;
      }
      several = true;
      busyMs = Math.min(busyMs, now - worker.busySince);
      if (now - worker.lastProgress > STALLED_MS) worker.takeBack();
    }
    const oldest = this.queue.peek();
    if (oldest && now - oldest.queuedAt >= WATCH_MS) this.growth.onLate(oldest);
    if (several && busyMs > 0) this.growth.onBusy(busyMs);
    this.handOut();
    if (several || this.queue.size > 0) this.#watchOver();
  }
}
