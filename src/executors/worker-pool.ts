import type { Call, Envelope } from '../calls/call';
import { OutcomeStatus } from '../calls/frames';
import { decodePayload, type Patch } from '../calls/payload';
import { CallCosts } from './call-costs';
import { Dispatcher } from './dispatcher';
import type { ExecutorStatistics } from './executor';
import type { Link, LinkEvents } from './link';
import { PendingCall } from './pending-call';
import { PoolFailures } from './pool-failures';
import { PoolGrowth } from './pool-growth';
import type { PoolLimits } from './pool-options';
import { PoolWorker } from './pool-worker';

/** What a pool needs of its executor. */
export interface PoolOwner {
  /** The name of the executor's class, for messages. */
  readonly name: string;
  openLink(workerId: number, events: LinkEvents): Link;
  /** About how long a worker takes to start now, in milliseconds. */
  startMs(): number;
  /** A call or a worker has ended. */
  onChange(): void;
}

/** The workers of one executor: starts them, settles what they answer, and heals what they leave behind. */
export class WorkerPool {
  readonly #workers = new Set<PoolWorker>();
  readonly #costs = new CallCosts();
  readonly #growth: PoolGrowth;
  readonly #failures: PoolFailures;
  readonly #dispatcher: Dispatcher;
  #opened = 0;
  #cancelWith: ((call: PendingCall) => Error) | undefined;
  #fulfilled = 0;
  #rejected = 0;

  constructor(
    private readonly limits: PoolLimits,
    private readonly owner: PoolOwner,
  ) {
    this.#growth = new PoolGrowth({
      maxWorkers: limits.maxWorkers,
      workers: this.#workers,
      costs: this.#costs,
      waiting: () => this.waiting,
      startMs: () => owner.startMs(),
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
  }

  /** How many calls wait for a worker. */
  get waiting(): number {
    return this.#dispatcher.queue.size;
  }

  /** Takes a call; the promise settles with its outcome. */
  submit<T>(call: Call<T>, envelope: Envelope): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const settle = resolve as (value: unknown) => void;
      this.#dispatcher.add(new PendingCall(call, envelope, this, settle, reject));
      if (this.#workers.size === 0) this.#growth.by(Math.max(1, this.limits.keptWorkers));
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
      fulfilled: this.#fulfilled,
      rejected: this.#rejected,
    };
  }

  /** Rejects the calls that have not begun, now and as workers give them back, with what `reason` makes. */
  cancelUnbegun(reason: (call: PendingCall) => Error): void {
    this.#cancelWith = reason;
    for (const call of this.#dispatcher.queue.takeAll()) call.fail(reason(call));
    for (const worker of this.#workers) worker.takeBack(worker.state === 'starting' ? 0 : 1);
  }

  /** Closes the workers, all of which are idle. */
  close(): void {
    this.#dispatcher.stop();
    for (const worker of this.#workers) worker.close();
  }

  /** Ends the workers, whatever they run. */
  terminate(): void {
    for (const worker of this.#workers) worker.link.terminate();
  }

  /** Ends the workers that are idle, and the others as they become idle. */
  release(): void {
    for (const worker of this.#workers) {
      const { isIdle } = worker;
      worker.tainted = true;
      if (isIdle) worker.close();
    }
  }

  // --- Starting ---

  /** True when a call more would have to wait, and `maxQueue` calls do already. */
  isFull(): boolean {
    if (this.#dispatcher.queue.size < this.limits.maxQueue) return false;
    for (const worker of this.#workers) if (worker.isIdle) return false;
    if (this.limits.maxQueue === Infinity || this.#workers.size >= this.limits.maxWorkers) return true;
    this.#growth.by(1);
    return this.#dispatcher.queue.size >= this.limits.maxQueue && this.#workers.size > 0;
  }

  #openWorker(): void {
    const worker = new PoolWorker(++this.#opened);
    try {
      worker.link = this.owner.openLink(worker.id, this.#eventsOf(worker));
    } catch (error) {
      this.#failures.startFailed(worker, error);
      return;
    }
    this.#workers.add(worker);
    worker.watch(this.limits.startTimeoutMs, () => {
      this.#failures.startFailed(
        worker,
        new Error(`it was not ready within ${this.limits.startTimeoutMs} ms`),
      );
    });
    this.#dispatcher.handOut();
  }

  #eventsOf(worker: PoolWorker): LinkEvents {
    return {
      onReady: (callsBegun) => this.#ready(worker, callsBegun),
      onStartFailed: (error) => this.#failures.startFailed(worker, error),
      onImporting: (id, importing) => this.#failures.watchImport(worker, id, importing),
      onFulfilled: (id, value, ms) => this.#ended(worker, id, ms)?.fulfill(value),
      onOutcome: (id, status, value, patches, ms) => this.#settle(worker, id, status, value, patches, ms),
      onTakenBack: (ids) => this.#takenBack(worker, ids),
      onDrained: () => this.#drained(worker),
      onLost: (loss) => this.#failures.lost(worker, loss),
      onClosed: () => this.#remove(worker, true),
    };
  }

  #ready(worker: PoolWorker, callsBegun: number): void {
    if (worker.state !== 'starting') return;
    worker.watch(Infinity);
    worker.sent += callsBegun;
    worker.state = 'running';
    worker.progressed();
    this.#growth.starts.succeeded();
    worker.head?.begin();
    this.#drained(worker);
  }

  // --- From the outcome to the caller ---

  /** A call has ended in its worker; returns it if its caller still waits. */
  #ended(worker: PoolWorker, id: number, ms: number): PendingCall | undefined {
    const call = worker.callOf(id);
    if (!call) return undefined;
    worker.release(call);
    worker.hasProgressed = true;
    this.#costs.note(call.callable.index, ms);
    this.#dispatcher.queue.ended(call);
    return call.settled ? undefined : call;
  }

  #settle(
    worker: PoolWorker,
    id: number,
    status: number,
    value: unknown,
    patches: readonly Patch[] | undefined,
    ms: number,
  ): void {
    const call = this.#ended(worker, id, ms);
    if (!call) return;
    let result: unknown;
    try {
      result = decodePayload(value, patches);
    } catch (error) {
      call.fail(error);
      return;
    }
    if (status === OutcomeStatus.fulfilled) call.fulfill(result);
    else call.fail(result);
    if (status === OutcomeStatus.importFailed) this.#failures.importFailed(worker, call, result);
  }

  #takenBack(worker: PoolWorker, ids: readonly number[]): void {
    const again: PendingCall[] = [];
    for (const id of [...ids].sort((left, right) => left - right)) {
      const call = worker.callOf(id);
      if (!call) continue;
      worker.release(call);
      worker.sent--;
      if (this.#cancelWith && !call.settled) call.fail(this.#cancelWith(call));
      if (call.settled) this.#dispatcher.queue.ended(call);
      else again.push(call);
    }
    if (again.length > 0) this.#dispatcher.queue.putBack(again);
    this.#drained(worker);
  }

  /** All outcomes that had arrived are settled: the worker may get more to do. */
  #drained(worker: PoolWorker): void {
    if (worker.hasProgressed) {
      worker.hasProgressed = false;
      worker.progressed();
      worker.head?.begin();
    }
    this.#dispatcher.handOut();
    if (worker.held === 0) this.#idle(worker);
    this.owner.onChange();
  }

  #idle(worker: PoolWorker): void {
    if (worker.sent >= this.limits.maxCallsPerWorker) worker.tainted = true;
    if (worker.tainted) worker.close();
    else
      worker.watchIdle(this.limits.idleMs, () => {
        if (this.#workers.size > this.limits.keptWorkers) worker.close();
      });
  }

  // --- What goes wrong ---

  /** A call's caller has been answered. */
  onSettled(call: PendingCall, fulfilled: boolean): void {
    if (fulfilled) {
      // Its worker is about to be looked at.
      this.#fulfilled++;
      return;
    }
    this.#rejected++;
    if (!call.worker) this.owner.onChange();
  }

  /** A call's caller no longer waits: the call is taken back, or its worker stops it. */
  onGivenUp(call: PendingCall, reason: unknown): void {
    const { worker } = call;
    if (!worker) return;
    worker.link.takeBack([call.id]);
    if (!call.worker) return;
    worker.link.abort(call.id, reason);
    // The slot is taken until the worker is really free; if it is not in time, it is ended.
    call.afterGrace(() => worker.link.terminate());
  }

  #remove(worker: PoolWorker, refill: boolean): void {
    worker.state = 'ended';
    worker.watch(Infinity);
    this.#workers.delete(worker);
    if (refill && this.#dispatcher.queue.size > 0) {
      this.#growth.by(1);
      this.#dispatcher.handOut();
    }
    this.owner.onChange();
  }
}
