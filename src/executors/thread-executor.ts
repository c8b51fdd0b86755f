import { join } from 'node:path';
import { Piscina } from 'piscina';
import type { Link, LinkEvents } from './link';
import { PoolExecutor } from './pool-executor';
import { cores, validatePoolOptions, type PoolOptions } from './pool-options';
import { ThreadLink } from './thread-link';
import { workerSettings } from './worker-settings';

/** How long a thread's session outlasts its last call: while it lasts, it keeps the process alive. */
const SESSION_IDLE_MS = 50;
const DEFAULT_IDLE_MS = 30_000;

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
  #piscina: Piscina | undefined;

  /** @throws {@link InvalidOptionError} for an unknown option or a wrong value */
  constructor(options: PoolOptions = {}) {
    validatePoolOptions('ThreadExecutor', options);
    super({
      maxWorkers: options.maxWorkers ?? Math.max(options.minWorkers ?? 1, Math.min(32, cores + 4)),
      keptWorkers: 0,
      idleMs: SESSION_IDLE_MS,
      maxQueue: options.maxQueue ?? Infinity,
      maxCallsPerWorker: options.maxCallsPerWorker ?? Infinity,
      sharedMemory: true,
    });
    this.#options = options;
  }

  protected override openLink(_workerId: number, events: LinkEvents): Link {
    this.#piscina ??= this.#start();
    return new ThreadLink(this.#piscina, workerSettings(this.#options), events);
  }

  protected override async release(): Promise<void> {
    await this.#piscina?.destroy();
  }

  #start(): Piscina {
    const { minWorkers = 0, idleTimeoutMs = DEFAULT_IDLE_MS, resourceLimits, env, execArgv } = this.#options;
    const piscina = new Piscina({
      filename: join(__dirname, '..', 'worker', 'thread-entry.js'),
      minThreads: minWorkers,
      maxThreads: this.limits.maxWorkers,
      idleTimeout: idleTimeoutMs,
      // Waiting with Atomics would freeze what a method leaves running in its thread.
      atomics: 'disabled',
      resourceLimits,
      env,
      execArgv: execArgv && [...execArgv],
    });
    // A thread that fails without a session has no call to tell; the next session finds out.
    piscina.on('error', () => undefined);
    return piscina;
  }
}
