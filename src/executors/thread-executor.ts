import type * as piscina from 'piscina';
import { clearTimeout, setTimeout } from '../calls/clock';
import { RETIRE, WAKE } from '../calls/frames';
import { workerMark } from '../calls/host-state';
import { loadLaterInWorkers } from '../calls/load-later';
import type { ExecutorStatistics } from './executor';
import type { Link, LinkEvents } from './link';
import { PoolExecutor } from './pool-executor';
import {
  cores,
  DEFAULT_IDLE_MS,
  isUnderTest,
  poolLimits,
  validatePoolOptions,
  type PoolOptions,
} from './pool-options';
import type * as threadLink from './thread-link';
import { workerFile, workerSettings } from './worker-settings';

// eslint-disable-next-line @typescript-eslint/no-require-imports
const loadLink = loadLaterInWorkers('executors', () => require('./thread-link') as typeof threadLink);
// eslint-disable-next-line @typescript-eslint/no-require-imports
const loadPiscina = loadLaterInWorkers('executors', () => require('piscina') as typeof piscina);

/**
 * How long a thread's session outlasts its last call: while it lasts, it keeps the process alive. Jest looks
 * for what is left open 30 ms after the last test.
 */
const SESSION_IDLE_MS = isUnderTest ? 5 : 50;

/**
 * Runs calls in threads of this process: for blocking I/O and for computation. Threads share nothing, and do
 * run JavaScript in parallel; a crash of native code takes the whole process along.
 *
 * It starts on first use and lets a script end by itself. Python's counterpart is `ThreadPoolExecutor`.
 *
 * @example registerExecutor('images', { useFactory: () => new ThreadExecutor({ maxWorkers: 4 }) });
 */
export class ThreadExecutor extends PoolExecutor {
  readonly #options: PoolOptions;
  readonly #entry = workerFile('thread-entry.js');
  #piscina: piscina.Piscina | undefined;
  /** Threads that have a session. */
  #sessions = 0;
  /** Sessions that no thread has begun. */
  readonly #starting = new Set<threadLink.ThreadLink>();
  #retirement: NodeJS.Timeout | undefined;
  /** Threads that dispose their container and end. */
  #retiring = 0;
  /** Fulfilled when all threads have ended, once they are to. */
  #destroyed: Promise<void> | undefined;
  #idleTimeoutMs: number;

  /**
   * @throws {@link InvalidOptionError} for an unknown option or a wrong value, {@link WorkerStartError} within
   *   a bundle
   */
  constructor(options: PoolOptions = {}) {
    validatePoolOptions('ThreadExecutor', options);
    super(
      poolLimits(options, {
        defaultMaxWorkers: Math.min(32, cores + 4),
        // A session is what the pool keeps; this executor keeps the threads.
        keptWorkers: 0,
        idleMs: SESSION_IDLE_MS,
        sharedMemory: true,
      }),
    );
    this.#options = options;
    this.#idleTimeoutMs = options.idleTimeoutMs ?? DEFAULT_IDLE_MS;
  }

  protected override openLink(_workerId: number, events: LinkEvents): Link {
    const { ThreadLink } = loadLink();
    let link: threadLink.ThreadLink | undefined;
    const ended = (): void => {
      this.#sessions--;
      this.#starting.delete(link as threadLink.ThreadLink);
      this.#retireIdle();
    };
    this.#sessions++;
    try {
      link = new ThreadLink((this.#piscina ??= this.#start()), workerSettings(this.#options), {
        ...events,
        onReady: (callsBegun) => {
          this.#starting.delete(link as threadLink.ThreadLink);
          events.onReady(callsBegun);
        },
        onClosed: () => {
          ended();
          events.onClosed();
        },
        onLost: (loss) => {
          ended();
          events.onLost(loss);
        },
      });
    } catch (error) {
      // Piscina keeps the task of a thread that it could not make: it is of no use any more.
      this.#sessions--;
      this.#piscina = undefined;
      throw error;
    }
    this.#starting.add(link);
    return link;
  }

  protected override startMs(): number {
    return this.#asleep > 0 ? 1 : 60;
  }

  protected override waitMs(): number {
    return this.#retiring > 0 ? this.limits.startTimeoutMs : 0;
  }

  override statistics(): ExecutorStatistics {
    const { workers, idle, ...calls } = super.statistics();
    const asleep = this.#asleep;
    return { workers: workers + asleep, idle: idle + asleep, ...calls };
  }

  /** How many threads have no session: the pool knows nothing of them. */
  get #asleep(): number {
    return Math.max(0, (this.#piscina?.threads.length ?? 0) - this.#sessions);
  }

  protected override async release(): Promise<void> {
    clearTimeout(this.#retirement);
    if (!this.#piscina) return;
    await Promise.all(this.#piscina.threads.map(() => this.#retire()));
    await this.#destroy();
  }

  /** A thread may be in a loop that a call left behind, or its container may take for ever to close. */
  protected override terminateIdle(): void {
    void this.#destroy();
  }

  /** Piscina would replace threads of whose end it hears when it has ended the others. */
  #destroy(): Promise<void> | undefined {
    if (this.#piscina) this.#piscina.options.minThreads = 0;
    return (this.#destroyed ??= this.#piscina?.destroy());
  }

  /** @internal */
  override releaseWorkers(): void {
    super.releaseWorkers();
    this.#idleTimeoutMs = 0;
    this.#retireIdle();
  }

  /** Ends the threads that have been without a session for long enough, above `minWorkers`. */
  #retireIdle(): void {
    clearTimeout(this.#retirement);
    const { minWorkers = 0 } = this.#options;
    if (this.#idleTimeoutMs === Infinity) return;
    this.#retirement = setTimeout(() => {
      const staying = (this.#piscina?.threads.length ?? 0) - this.#retiring;
      const idle = staying - Math.max(minWorkers, this.#sessions);
      for (let left = idle; left > 0; left--) void this.#retire();
    }, this.#idleTimeoutMs).unref();
  }

  /**
   * Has an idle thread dispose its container and end; piscina alone would end it without a word. What it disposes of
   * may take for ever.
   */
  async #retire(): Promise<void> {
    this.#retiring++;
    const stop = new AbortController();
    const { startTimeoutMs } = this.limits;
    const timer =
      startTimeoutMs === Infinity ? undefined : setTimeout(() => stop.abort(), startTimeoutMs).unref();
    try {
      await this.#piscina?.run(RETIRE, { signal: stop.signal });
    } catch {
      // It ended before it could answer. A session that came meanwhile waits, and piscina starts no thread for it.
      if (this.#piscina && this.#piscina.queueSize > 0) this.#piscina.run(WAKE).catch(() => undefined);
    } finally {
      clearTimeout(timer);
      this.#retiring--;
    }
  }

  #start(): piscina.Piscina {
    const { minWorkers = 0, resourceLimits, execArgv } = this.#options;
    // Named although it is the default: a test runner gives its tests an environment of their own.
    const { env = process.env } = this.#options;
    const { Piscina } = loadPiscina();
    const threads = new Piscina({
      filename: this.#entry,
      minThreads: minWorkers,
      maxThreads: this.limits.maxWorkers,
      // Threads are retired by this executor.
      idleTimeout: Infinity,
      // Waiting with Atomics would freeze what a method leaves running in its thread.
      atomics: 'disabled',
      // Nobody reads its histograms.
      recordTiming: false,
      resourceLimits,
      env,
      execArgv: execArgv && [...execArgv],
      workerData: { [workerMark]: true },
    });
    // As an async resource it is not used; a test runner would take it for something left open.
    threads.emitDestroy();
    // A thread has ended without a session: piscina would leave those that wait for one waiting.
    threads.on('error', (cause) => {
      for (const link of this.#starting) link.terminate(cause);
    });
    return threads;
  }
}
