import { clearTimeout, clock, setTimeout } from '../../calls/clock';
import type { CallCosts } from './call-costs';
import { CallQueue } from './call-queue';
import { NO_ROOM } from '../links/link';
import type { PendingCall } from './pending-call';
import { cores, type PoolLimits } from '../pool-options';
import type { PoolWorker } from './pool-worker';

/** How often the dispatcher looks after calls that wait, while any do. */
const WATCH_MS = 1;
/**
 * A worker that has made no progress for so long, and for twice what its call should take, is in a long one: those
 * behind it go elsewhere.
 */
const STALLED_MS = 2;
/** A worker that has work for so long yet needs no more: by then a frame has reached it. */
const REFILL_MS = 0.1;

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
  #room = 0;
  #watch: NodeJS.Timeout | undefined;

  constructor(
    private readonly workers: ReadonlySet<PoolWorker>,
    private readonly costs: CallCosts,
    private readonly limits: Pick<PoolLimits, 'maxWorkers' | 'maxCallsPerWorker'>,
    private readonly growth: Growth,
  ) {
    this.queue = new CallQueue(limits.maxWorkers);
  }

  /** Takes a new call: an idle worker gets it at once, else it is handed out with its like, this tick. */
  add(call: PendingCall): void {
    this.queue.push(call);
    if (call.mayRunAgain && !call.keepLittle()) call.keep();
    if (this.queue.size === 1 && this.#sendToIdle()) return;
    if (!call.keepLittle()) {
      // What travels alone gains nothing by company, and need not be copied to wait for it.
      if (this.queue.size === 1 && this.#sendNow(call)) return;
      call.keep();
    }
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
      const worker = this.#roomiest(call);
      if (!worker) break;
      const share = Math.ceil(this.queue.size / this.#sharersOf(call));
      this.#send(worker, this.queue.shiftRun(Math.min(this.#room, share), this.#mayJoin));
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

  /** The one call that waits, to the idle worker that ran last, so that the others get the chance to end. */
  #sendToIdle(): boolean {
    const next = this.queue.peek();
    if (!next || this.#areEnough(next)) return false;
    let best: PoolWorker | undefined;
    for (const worker of this.workers) {
      if (!worker.isIdle || worker.reach === 0 || worker.sent >= this.limits.maxCallsPerWorker) continue;
      if (!best || worker.lastProgress > best.lastProgress) best = worker;
    }
    const call = best && this.queue.shift();
    if (!best || !call) return false;
    call.queuedAt = clock.now();
    this.#send(best, [call]);
    return true;
  }

  /** The one call that waits, to a worker that has others; false when none has room. */
  #sendNow(call: PendingCall): boolean {
    const worker = this.queue.peek() === call ? this.#roomiest(call) : undefined;
    if (!worker) return false;
    this.queue.shift();
    call.queuedAt = clock.now();
    this.#send(worker, [call]);
    return true;
  }

  /** The worker with room that has the fewest calls; how many more it takes is left in `#room`. */
  #roomiest(call: PendingCall): PoolWorker | undefined {
    const now = clock.now();
    const areEnough = this.#areEnough(call);
    let best: PoolWorker | undefined;
    for (const worker of this.workers) {
      if (best && worker.held >= best.held) continue;
      if (areEnough && worker.held === 0) continue;
      const room = this.#roomOf(worker, call, now);
      if (room <= 0) continue;
      best = worker;
      this.#room = room;
    }
    return best;
  }

  /** How many workers are to run calls like this one: more than there are cores would only share these. */
  #sharersOf(call: PendingCall): number {
    const { size } = this.workers;
    const shareCores = size > cores && this.costs.areShort(call.callable.index) && !this.#mustBeAlone(call);
    return shareCores ? cores : size;
  }

  /** True when no idle worker is needed for the call: so many run others that it may stand behind these. */
  #areEnough(call: PendingCall): boolean {
    const sharers = this.#sharersOf(call);
    if (sharers === this.workers.size) return false;
    const now = clock.now();
    let running = 0;
    for (const worker of this.workers) if (worker.held > 0 && this.#windowBehind(worker, now) > 1) running++;
    return running >= sharers;
  }

  /** How many calls a worker that has some may hold: none waits behind one that is long, or that may be. */
  #windowBehind(worker: PoolWorker, now: number): number {
    const { head } = worker;
    if (!head || head.isTimedClosely || this.#isStalled(worker, now)) return 0;
    return this.costs.window(head.callable.index);
  }

  /** How many calls like this one a worker takes. */
  #roomOf(worker: PoolWorker, call: PendingCall, now: number): number {
    // One that starts may yet fail to: what it had been sent would have to be sent again, or could not.
    if (worker.tainted || worker.state !== 'running') return 0;
    const held = worker.held;
    const left = this.limits.maxCallsPerWorker - worker.sent;
    const alone = this.#mustBeAlone(call);
    if (held === 0) return Math.min(left, worker.reach, alone ? 1 : this.costs.window(call.callable.index));
    if (alone || !worker.link.hasRoom) return 0;
    // It is filled up when it is about to run dry: fewer, larger frames.
    const { index } = call.callable;
    if (held > 1 && held * (this.costs.of(index) ?? Infinity) > REFILL_MS) return 0;
    const window = Math.min(this.costs.window(index), this.#windowBehind(worker, now));
    return Math.min(left, window - held, worker.reach);
  }

  /** A call that must be alone, or is longer than those before it, starts a batch of its own. */
  readonly #mayJoin = (call: PendingCall, joined: number): boolean =>
    !this.#mustBeAlone(call) && this.costs.window(call.callable.index) > joined;

  #mustBeAlone(call: PendingCall): boolean {
    return call.isTimedClosely || call.isMoved || call.unread > 0 || this.queue.isLimited(call);
  }

  #isStalled(worker: PoolWorker, now: number): boolean {
    const { head } = worker;
    const cost = (head && this.costs.of(head.callable.index)) ?? 0;
    return now - worker.lastProgress > STALLED_MS + 2 * cost;
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
    if (this.#isStalled(stuck, clock.now())) stuck.takeBack();
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
    if (worker.held > 1 && this.limits.maxWorkers > 1 && this.#isStalled(worker, now)) worker.takeBack();
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
