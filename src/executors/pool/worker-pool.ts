import type { Call, Envelope } from '../../calls/call';
import { outsideCalls } from '../../calls/outside-calls';
import { CallCosts } from './call-costs';
import type { Queued } from './call-queue';
import { Dispatcher } from './dispatcher';
import type { ExecutorStatistics } from '../executor';
import type { Link, LinkEvents, Loss } from '../links/link';
import { PendingCall } from './pending-call';
import { PoolFailures } from './pool-failures';
import { PoolGrowth } from './pool-growth';
import type { PoolLimits } from '../pool-options';
import { PoolOutcomes } from './pool-outcomes';
import { PoolWorker } from './pool-worker';

/** What a pool needs of its executor. */
export interface PoolOwner {
  /** The name of the executor's class, for messages. */
  readonly name: string;
  openLink(events: LinkEvents): Link;
  /** A call or a worker has ended. */
  onChange(): void;
}

/** The workers of one executor: starts them, settles what they answer, and heals what they leave behind. */
export class WorkerPool {
  readonly #workers = new Set<PoolWorker>();
  readonly #costs: CallCosts;
  readonly #growth: PoolGrowth;
  readonly #failures: PoolFailures;
  readonly #dispatcher: Dispatcher;
  readonly #outcomes: PoolOutcomes;
  /** How many workers there are to be when a call comes. */
  readonly #leastWorkers: number;
  #opened = 0;
  #terminatedBy: Error | undefined;

  constructor(
    private readonly limits: PoolLimits,
    private readonly owner: PoolOwner,
  ) {
    this.#costs = new CallCosts(limits.mostAhead);
    this.#leastWorkers = Math.max(1, limits.minWorkers);
    this.#growth = new PoolGrowth({
      limits,
      workers: this.#workers,
      costs: this.#costs,
      waiting: () => this.waiting,
      openWorker: () => this.#openWorker(),
    });
    this.#dispatcher = new Dispatcher(this.#workers, this.#costs, limits, this.#growth);
    this.#failures = new PoolFailures({
      name: owner.name,
      startTimeoutMs: limits.startTimeoutMs,
      workers: this.#workers,
      dispatcher: this.#dispatcher,
      starts: this.#growth.starts,
      remove: (worker, refill) => this.#remove(worker, refill),
      onChange: () => owner.onChange(),
    });
    this.#outcomes = new PoolOutcomes(this.#costs, this.#dispatcher, this.#failures, () => owner.onChange());
  }

  /** How many calls wait for a worker. */
  get waiting(): number {
    return this.#dispatcher.queue.size;
  }

  /** Takes a call; the promise settles with its outcome. */
  submit<T>(call: Call<T>, envelope: Envelope): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const settle = resolve as (value: unknown) => void;
      this.#dispatcher.add(new PendingCall(call, envelope, this.#outcomes, settle, reject));
      // Those that are kept may have been lost.
      if (this.#workers.size < this.#leastWorkers) this.#growth.by(this.#leastWorkers - this.#workers.size);
    });
  }

  statistics(): ExecutorStatistics {
    let idle = 0;
    let running = 0;
    for (const worker of this.#workers) {
      if (worker.isIdle) idle++;
      running += worker.held;
    }
    const { size: workers } = this.#workers;
    return {
      workers,
      idle,
      queued: this.waiting,
      running,
      fulfilled: this.#outcomes.countFulfilled,
      rejected: this.#outcomes.countRejected,
    };
  }

  /** Rejects the calls that have not begun, now and as workers give them back, with what `reason` makes. */
  cancelUnbegun(reason: (call: PendingCall) => Error): void {
    this.#outcomes.cancelWith = reason;
    this.#outcomes.cancel(this.#dispatcher.queue.takeAll());
    for (const worker of this.#workers) worker.takeBack();
  }

  /** Closes the workers, all of which are idle. */
  close(): void {
    this.#dispatcher.stop();
    for (const worker of this.#workers) this.#retire(worker);
  }

  /** Ends the workers, whatever they run; the calls that are lost hear why. */
  terminate(cause: Error): void {
    this.#terminatedBy = cause;
    for (const worker of this.#workers) worker.link.terminate();
  }

  /** Ends the workers that are idle, and the others as they become idle. */
  release(): void {
    for (const worker of this.#workers) {
      const { isIdle } = worker;
      worker.tainted = true;
      if (isIdle) this.#retire(worker);
    }
  }

  // --- Starting ---

  /**
   * True when a call more would have to wait, and `maxQueue` calls do already.
   *
   * @param call - the one. Default: one of a method that may run as often as it likes
   */
  isFull(call?: Queued): boolean {
    const { queue } = this.#dispatcher;
    if (queue.size < this.limits.maxQueue) return false;
    const mayRun = !call || queue.mayRun(call);
    if (this.#hasPlace(mayRun)) return false;
    // A worker more is of no use to one that waits for others of its method.
    if (mayRun) this.#growth.by(1);
    return !this.#hasPlace(mayRun);
  }

  /** True when a call more would go to a worker, or be one of at most `maxQueue` that wait. */
  #hasPlace(mayRun: boolean): boolean {
    const { held, size } = this.#dispatcher.queue;
    // The workers that will take a call soon, without those that others wait for.
    let free = held - size;
    for (const worker of this.#workers) {
      // Where one is about to end, another starts.
      if (worker.isIdle || worker.state === 'starting' || worker.state === 'closing') free++;
    }
    return (mayRun && free > 0) || held + Math.max(0, -free) < this.limits.maxQueue;
  }

  #openWorker(): void {
    const worker = new PoolWorker(++this.#opened);
    try {
      worker.link = outsideCalls(() => this.owner.openLink(this.#eventsOf(worker)));
    } catch (error) {
      this.#failures.startFailed(worker, error);
      return;
    }
    this.#workers.add(worker);
    const ms = this.limits.startTimeoutMs;
    worker.watch(ms, () => {
      this.#failures.startFailed(worker, new Error(`it was not ready within ${ms} ms, the startTimeoutMs`));
    });
    this.#dispatcher.handOut();
  }

  #eventsOf(worker: PoolWorker): LinkEvents {
    return {
      onReady: () => this.#ready(worker),
      onStartFailed: (error) => this.#failures.startFailed(worker, error),
      onImporting: (id, importing) => this.#failures.watchImport(worker, id, importing),
      onFulfilled: (id, value, ms) => this.#outcomes.fulfilled(worker, id, value, ms),
      onOutcome: (id, status, value, patches, ms) =>
        this.#outcomes.settled(worker, id, status, value, patches, ms),
      onUnreadable: (cause) => this.#outcomes.unreadable(worker, cause),
      onTakenBack: (ids) => {
        this.#outcomes.takenBack(worker, ids);
        worker.beginHead();
        this.#drained(worker);
      },
      onDrained: () => this.#drained(worker),
      onWoken: () => this.#dispatcher.look(),
      onLost: (loss) => this.#lost(worker, loss),
      onClosed: () => this.#closed(worker),
    };
  }

  #ready(worker: PoolWorker): void {
    if (worker.state !== 'starting') return;
    worker.watch(Infinity);
    worker.state = 'running';
    worker.mayRun();
    this.#growth.starts.succeeded();
    this.#drained(worker);
  }

  /** All outcomes that had arrived are settled: the worker may get more to do. */
  #drained(worker: PoolWorker): void {
    if (worker.hasProgressed) {
      worker.hasProgressed = false;
      worker.progressed();
      worker.beginHead();
    }
    this.#dispatcher.handOut();
    if (worker.held === 0) this.#idle(worker);
    this.owner.onChange();
  }

  #idle(worker: PoolWorker): void {
    if (worker.sent >= this.limits.maxCallsPerWorker || worker.isSpent) worker.tainted = true;
    if (worker.tainted) this.#retire(worker);
    else
      worker.watchIdle(this.limits.idleTimeoutMs, () => {
        // Those that are about to end are here still.
        const staying = [...this.#workers].filter(({ state, tainted }) => state !== 'closing' && !tainted);
        if (staying.length > this.limits.minWorkers) this.#retire(worker);
      });
  }

  /** It keeps its place until it has ended, and what it disposes of may take for ever. */
  #retire(worker: PoolWorker): void {
    worker.close();
    worker.watch(this.limits.startTimeoutMs, () => worker.link.terminate());
  }

  #lost(worker: PoolWorker, loss: Loss): void {
    const isFinal = this.#terminatedBy !== undefined;
    const { head } = worker;
    this.#outcomes.cancel(worker.calls.filter((call) => !loss.hasBegun(call.id, call === head)));
    this.#failures.lost(worker, isFinal ? { ...loss, cause: this.#terminatedBy, isFinal } : loss);
  }

  /** It has ended as it was asked to, or as it could not start. */
  #closed(worker: PoolWorker): void {
    const cause = new Error('it ended before it had run them');
    if (worker.held === 0) this.#remove(worker, true);
    else this.#failures.lost(worker, { exitCode: null, signal: null, cause, hasBegun: () => false });
  }

  #remove(worker: PoolWorker, refill: boolean): void {
    worker.end();
    this.#workers.delete(worker);
    if (refill && this.#dispatcher.queue.size > 0) {
      this.#growth.by(1);
      this.#dispatcher.handOut();
    }
    this.owner.onChange();
  }
}
