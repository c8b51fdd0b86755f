import { clearTimeout, setTimeout } from '../calls/clock';
import type { Call, Envelope } from '../calls/call';
import { loadLaterInWorkers } from '../calls/load-later';
import { Executor, validateShutdownOptions, type ExecutorStatistics, type ShutdownOptions } from './executor';
import { releaseEarlierFiles } from './earlier-files';
import type { Link, LinkEvents } from './links/link';
import { isCall, noCallError, queueFullError, shutdownError } from './pool-errors';
import { isUnderTest, type PoolLimits } from './pool-options';
import type * as practiseCalls from './pool/practise-calls';
import type * as workerPool from './pool/worker-pool';

type Practice = typeof practiseCalls;

// eslint-disable-next-line @typescript-eslint/no-require-imports
const loadPool = loadLaterInWorkers('executors', () => require('./pool/worker-pool') as typeof workerPool);
// eslint-disable-next-line @typescript-eslint/no-require-imports
const loadPractice = loadLaterInWorkers('executors', () => require('./pool/practise-calls') as Practice);

/**
 * What all executors with workers share: taking calls, and shutting down. A subclass opens the links to its
 * workers; the {@link WorkerPool} does the rest.
 *
 * The life of an executor: RUNNING --shutdown()--> SHUTTING DOWN --last call ended--> TERMINATED.
 * Calls are taken while it is running only; those taken before are all settled before it is terminated.
 */
export abstract class PoolExecutor extends Executor {
  #state: 'running' | 'shutting down' | 'terminated' = 'running';
  readonly #pool: workerPool.WorkerPool;
  #terminated: Promise<void> | undefined;
  #onChange: (() => void) | undefined;

  protected constructor(protected readonly limits: PoolLimits) {
    super();
    const { WorkerPool } = loadPool();
    this.#pool = new WorkerPool(limits, {
      name: this.constructor.name,
      openLink: (events) => {
        const link = this.openLink(events);
        // It takes a while to start, and there is nothing to do meanwhile.
        loadPractice().practiseCallsSoon(link);
        return link;
      },
      onChange: () => this.#onChange?.(),
    });
    if (isUnderTest) releaseEarlierFiles(this);
  }

  /** @internal Hardly anybody will call any more: ends the workers that are idle now, and the others as they become idle. */
  releaseWorkers(): void {
    this.#pool.release();
  }

  /** @internal */
  override hasRoom(call: Call | undefined): boolean {
    return !this.#pool.isFull(call);
  }

  /** Opens the link to a worker; calls may be sent at once, and run when the worker is ready. */
  protected abstract openLink(events: LinkEvents): Link;

  override submit<T>(call: Call<T>): Promise<T> {
    let envelope: Envelope;
    try {
      if (this.#state !== 'running') throw shutdownError(this, call.name, this.#state);
      if (call.signal?.aborted) throw call.signal.reason;
      if (this.#pool.isFull(call)) throw queueFullError(this, call.name, this.limits.maxQueue);
      envelope = call.envelope(this.limits);
    } catch (error) {
      return Promise.reject(isCall(call) ? error : noCallError(this, call));
    }
    return this.#pool.submit(call, envelope);
  }

  override statistics(): ExecutorStatistics {
    return this.#pool.statistics();
  }

  override async shutdown(options: ShutdownOptions = {}): Promise<void> {
    validateShutdownOptions(options);
    if (this.#state === 'running') this.#state = 'shutting down';
    if (options.cancelPending) this.#cancelPending();
    this.#terminated ??= this.#shutDown();
    const { drainTimeoutMs = Infinity } = options;
    await (drainTimeoutMs === Infinity ? this.#terminated : this.#drain(this.#terminated, drainTimeoutMs));
  }

  async #shutDown(): Promise<void> {
    await this.#until(({ queued, running }) => queued === 0 && running === 0);
    this.#pool.close();
    await this.#until(({ workers }) => workers === 0);
    this.#state = 'terminated';
  }

  /** Terminates what still runs after so many milliseconds. */
  async #drain(terminated: Promise<void>, drainTimeoutMs: number): Promise<void> {
    const timer = setTimeout(() => {
      this.#cancelPending();
      this.#pool.terminate(
        new Error(`the executor was shut down with a drainTimeoutMs of ${drainTimeoutMs}`),
      );
    }, drainTimeoutMs);
    try {
      await terminated;
    } finally {
      clearTimeout(timer);
    }
  }

  async #until(condition: (statistics: ExecutorStatistics) => boolean): Promise<void> {
    while (!condition(this.#pool.statistics()))
      await new Promise<void>((resolve) => (this.#onChange = resolve));
  }

  #cancelPending(): void {
    this.#pool.cancelUnbegun((call) => shutdownError(this, call.name, this.#state));
  }
}
