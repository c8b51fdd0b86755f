import { loadLaterInWorkers } from '../calls/load-later';
import type { Link, LinkEvents } from './links/link';
import { PoolExecutor } from './pool-executor';
import { cores, poolLimits, validatePoolOptions, type PoolOptions } from './pool-options';
import type * as threadLink from './links/thread-link';
import { workerFile, workerSettings } from './links/worker-settings';

// eslint-disable-next-line @typescript-eslint/no-require-imports
const loadLink = loadLaterInWorkers('executors', () => require('./links/thread-link') as typeof threadLink);

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

  /**
   * @throws {@link InvalidOptionError} for an unknown option or a wrong value, {@link WorkerStartError} within
   *   a bundle
   */
  constructor(options: PoolOptions = {}) {
    validatePoolOptions('ThreadExecutor', options);
    super(poolLimits(options, { startMs: 60, mostAhead: 512, sharedMemory: true }, Math.min(32, cores + 4)));
    this.#options = options;
    workerFile('thread-entry.js');
  }

  protected override openLink(events: LinkEvents): Link {
    const { ThreadLink } = loadLink();
    return new ThreadLink(this.#options, workerSettings(this.#options), events);
  }
}
