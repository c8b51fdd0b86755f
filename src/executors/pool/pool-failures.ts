import type { Dispatcher } from './dispatcher';
import type { Loss } from '../links/link';
import type { PendingCall } from './pending-call';
import {
  importTimeoutError,
  lostError,
  ownError,
  startError,
  startLoss,
  warnOfLoss,
  whileImporting,
  whileReading,
} from '../pool-errors';
import type { PoolWorker } from './pool-worker';
import type { StartPolicy } from './start-policy';

/** So many workers may end before they begin a call. From the first on it travels alone, and costs no other. */
const MOST_UNREAD = 3;

/** What failures need to know of their pool, and may ask of it. */
export interface Fallible {
  /** The name of the executor's class, for messages. */
  readonly name: string;
  readonly startTimeoutMs: number;
  readonly workers: ReadonlySet<PoolWorker>;
  readonly dispatcher: Dispatcher;
  readonly starts: StartPolicy;
  /** Takes a worker out, and with `refill` opens another if calls wait. */
  remove(worker: PoolWorker, refill: boolean): void;
  /** A call or a worker has ended. */
  onChange(): void;
}

/** What becomes of calls when a worker cannot start, cannot import a module, or ends. */
export class PoolFailures {
  constructor(private readonly pool: Fallible) {}

  /** A module that never ends its evaluation would hold its call for ever. */
  watchImport(worker: PoolWorker, id: number, importing: boolean): void {
    const ms = this.pool.startTimeoutMs;
    const importer = worker.callOf(id);
    worker.importer = importing ? importer : undefined;
    if (!importing) worker.mayRun();
    // What it takes to import a module is no part of what the call takes.
    if (importing) importer?.pause();
    else importer?.begin();
    worker.watch(importing ? ms : Infinity, () => {
      const call = worker.callOf(id);
      if (!call) return;
      const error = importTimeoutError(call.name, call.callable.descriptor.module, ms);
      call.fail(error);
      this.importFailed(worker, call, error);
      worker.link.terminate();
    });
  }

  /** No call of the module can succeed in this worker, nor in another just now. */
  importFailed(worker: PoolWorker, failed: PendingCall, error: unknown): void {
    const { module } = failed.callable.descriptor;
    worker.tainted = true;
    this.pool.starts.failed();
    const alike = this.pool.dispatcher.queue.takeAll((call) => call.callable.descriptor.module === module);
    for (const call of alike) call.fail(ownError(error, failed.name, call.name));
  }

  startFailed(worker: PoolWorker, error: unknown): void {
    if (worker.state === 'ended') return;
    this.pool.starts.failed();
    this.pool.remove(worker, false);
    // A module that failed to evaluate would stay so in the same thread.
    worker.link?.terminate();
    // Those that start at the same time may do better, if they are not one of many.
    const mayStart = !this.pool.starts.mayNotRetry();
    if (
      [...this.pool.workers].some(({ state }) => state === 'running' || (state === 'starting' && mayStart))
    ) {
      this.pool.dispatcher.handOut();
      return;
    }
    // They were as hopeless, and are not to fail a call that comes when the cause is gone.
    for (const other of [...this.pool.workers].filter(({ state }) => state === 'starting')) {
      this.pool.remove(other, false);
      other.link.terminate();
    }
    for (const call of this.pool.dispatcher.queue.takeAll())
      call.fail(startError(this.pool.name, call.name, error));
    this.pool.onChange();
  }

  lost(worker: PoolWorker, loss: Loss): void {
    if (worker.state === 'ended') return;
    const isStarting = worker.state === 'starting';
    if (isStarting && this.pool.starts.mayNotRetry()) {
      this.startFailed(worker, startLoss(loss));
      return;
    }
    if (isStarting) this.pool.starts.failed();
    const oldest = worker.head;
    const noneHasBegun = oldest !== undefined && !loss.hasBegun(oldest.id, true);
    const lost = this.#takeFrom(worker, (call) => {
      if (call.isMoved) return false;
      if (loss.hasBegun(call.id, call === oldest)) return !loss.isFinal && call.takeRetry();
      return !noneHasBegun || ++call.unread < MOST_UNREAD;
    });
    // What it ran, if anything, hears of the cause; where it ran nothing, nobody would.
    const isUnheard = !isStarting && !loss.isFinal && (oldest === undefined || noneHasBegun);
    if (isUnheard && loss.cause !== undefined) warnOfLoss(this.pool.name, worker.id, loss);
    for (const call of lost) call.fail(lostError(call.name, worker.id, loss, meanwhile(worker, call)));
    this.pool.remove(worker, !loss.isFinal);
  }

  /** Takes the calls from a worker: those that `mayRun` elsewhere wait again, the others are returned. */
  #takeFrom(worker: PoolWorker, mayRun: (call: PendingCall) => boolean): PendingCall[] {
    const { dispatcher } = this.pool;
    const again: PendingCall[] = [];
    const lost: PendingCall[] = [];
    for (const call of worker.calls) {
      if (!call.settled && mayRun(call)) again.push(call);
      else {
        dispatcher.leave(call);
        lost.push(call);
      }
    }
    dispatcher.again(again);
    return lost;
  }
}

/** What a lost worker was about, if it did not run the call. */
function meanwhile(worker: PoolWorker, call: PendingCall): string | undefined {
  if (call === worker.importer) return whileImporting(call.callable.descriptor.module);
  return call.unread < MOST_UNREAD ? undefined : whileReading;
}
