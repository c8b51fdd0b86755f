import { clearTimeout, clock, setTimeout } from '../../calls/clock';
import type { CallCosts } from './call-costs';
import { CallQueue } from './call-queue';
import { NO_ROOM } from '../links/link';
import type { PendingCall } from './pending-call';
import type { PoolWorker } from './pool-worker';
import { Room, type RoomLimits } from './room';

/** How often the dispatcher looks after calls that wait, while any do. */
const WATCH_MS = 1;

/** Hears when there may be too few workers. */
export interface Growth {
  /** Calls wait; this is the oldest of them. */
  onWaiting(oldest: PendingCall): void;
  /** All workers have been busy without a pause for so many milliseconds. */
  onBusy(busyMs: number): void;
}

/**
 * Decides which worker gets which calls, and when. Short calls travel several at a time, long ones alone; a
 * single call goes out at once; calls that stand behind a long one are taken back and given to another.
 */
export class Dispatcher {
  readonly queue: CallQueue;
  #flushing = false;
  /** When the first of the calls came that are to be handed out in this tick. */
  #tickBegan = 0;
  readonly #room: Room;
  #watch: NodeJS.Timeout | undefined;

  constructor(
    private readonly workers: ReadonlySet<PoolWorker>,
    costs: CallCosts,
    private readonly limits: RoomLimits,
    private readonly growth: Growth,
  ) {
    this.queue = new CallQueue(limits.maxWorkers);
    this.#room = new Room(workers, costs, limits, this.queue);
  }

  /** Takes a new call: an idle worker gets it at once, else it is handed out with its like, this tick. */
  add(call: PendingCall): void {
    this.queue.push(call);
    if (call.mayRunAgain) call.keep();
    if (this.queue.size === 1 && this.#sendTo(this.#room.latestIdle(call), call)) return;
    // From behind another call it may be taken back, and sent again.
    const isLittle = call.keep();
    // What travels alone gains nothing by company.
    if (!isLittle && this.queue.size === 1 && this.#sendTo(this.#room.roomiest(call), call)) return;
    if (!this.#flushing) {
      this.#flushing = true;
      this.#tickBegan = clock.now();
      this.#watchOver();
      clock.microtask(this.#flush);
    }
    call.queuedAt = this.#tickBegan;
  }

  readonly #flush = (): void => {
    this.#flushing = false;
    this.handOut();
  };

  /** Hands waiting calls out, an even share to each worker that has room. */
  handOut(): void {
    while (this.queue.size > 0) {
      const call = this.queue.peek();
      if (!call) break;
      const worker = this.#room.roomiest(call);
      if (!worker) break;
      const share = Math.ceil(this.queue.size / this.#room.sharersOf(call));
      this.#send(worker, this.queue.shiftRun(Math.min(this.#room.found, share), this.#room.mayJoin));
    }
    if (this.queue.size === 0) this.#share();
    else this.#watchOver();
  }

  /** Calls that the boundary refuses fail with its error; those for which there is no room wait on. */
  #send(worker: PoolWorker, calls: readonly PendingCall[]): void {
    let unsent: PendingCall[] | undefined;
    for (const refused of worker.send(calls)) {
      const call = refused.call as PendingCall;
      worker.sent--;
      if (refused.error === NO_ROOM && !call.settled) (unsent ??= []).push(call);
      else {
        this.leave(call);
        call.fail(refused.error);
      }
    }
    if (unsent) this.again(unsent);
    if (worker.held > 1) this.#watchOver();
    worker.beginHead();
  }

  /** A call has left its worker for good. */
  leave(call: PendingCall): void {
    call.worker?.release(call);
    this.queue.ended(call);
  }

  /** Calls have left their worker, and are to run elsewhere; they are in their order. */
  again(calls: readonly PendingCall[]): void {
    for (const call of calls) call.worker?.release(call);
    this.queue.putBack(calls);
    for (const call of calls) call.waitAgain();
  }

  stop(): void {
    clearTimeout(this.#watch);
    this.#watch = undefined;
  }

  /** The one call that waits, to a worker with room for it; false when there is none, or the call has to wait. */
  #sendTo(worker: PoolWorker | undefined, call: PendingCall): boolean {
    if (!worker || this.queue.peek() !== call) return false;
    this.queue.takeFirst(call);
    call.queuedAt = clock.now();
    this.#send(worker, [call]);
    return true;
  }

  /** When nothing waits and a worker is idle, it gets what stands behind a long call. */
  #share(): void {
    let idle = false;
    let stuck: PoolWorker | undefined;
    for (const worker of this.workers) {
      if (worker.isIdle) idle = true;
      else if (worker.held > 1) stuck = worker;
    }
    if (!idle || !stuck) return;
    if (this.#room.isStalled(stuck, clock.now())) stuck.takeBack();
    else this.#watchOver();
  }

  #watchOver(): void {
    this.#watch ??= setTimeout(() => {
      this.#watch = undefined;
      this.#lookAfter();
    }, WATCH_MS);
  }

  /** Who is awake looks at all workers: they need not wake it then, and one in a long call is noticed soon. */
  look(): void {
    const now = clock.now();
    for (const worker of this.workers) if (worker.held > 0) this.#lookAt(worker, now);
  }

  #lookAt(worker: PoolWorker, now: number): void {
    worker.link.collect();
    // A single worker keeps them, and so their order.
    if (worker.held > 1 && this.limits.maxWorkers > 1 && this.#room.isStalled(worker, now)) worker.takeBack();
  }

  #lookAfter(): void {
    const now = clock.now();
    let several = false;
    let busyMs = Infinity;
    for (const worker of this.workers) {
      if (worker.held < 2) {
        busyMs = 0;
        continue;
      }
      several = true;
      this.#lookAt(worker, now);
      busyMs = Math.min(busyMs, now - worker.busySince);
    }
    const oldest = this.queue.peek();
    if (oldest) this.growth.onWaiting(oldest);
    if (several && busyMs > 0) this.growth.onBusy(busyMs);
    this.handOut();
    if (several || this.queue.size > 0) this.#watchOver();
  }
}
