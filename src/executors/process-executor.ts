import { loadLaterInWorkers } from '../calls/load-later';
import type { Link, LinkEvents } from './links/link';
import { PoolExecutor } from './pool-executor';
import { cores, poolLimits, validatePoolOptions, type PoolOptions } from './pool-options';
import type * as processLink from './links/process-link';
import { workerFile, workerSettings } from './links/worker-settings';

// eslint-disable-next-line @typescript-eslint/no-require-imports
const loadLink = loadLaterInWorkers('executors', () => require('./links/process-link') as typeof processLink);

/**
 * Runs calls in child processes: a crash, a leak or an abort of native code costs one call. Data travels
 * through a pipe, so large arguments and results cost more than in threads.
 *
 * It starts on first use and lets a script end by itself. Python's counterpart is `ProcessPoolExecutor`.
 *
 * @example registerExecutor('pdf', { useFactory: () => new ProcessExecutor({ maxCallsPerWorker: 100 }) });
 */
export class ProcessExecutor extends PoolExecutor {
  readonly #options: PoolOptions;

  /**
   * @throws {@link InvalidOptionError} for an unknown option or a wrong value, {@link WorkerStartError} within
   *   a bundle
   */
  constructor(options: PoolOptions = {}) {
    validatePoolOptions('ProcessExecutor', options);
    // What a pipe holds of outcomes that nobody has read yet are some more.
    super(poolLimits(options, { startMs: 120, mostAhead: 256, sharedMemory: false }, cores));
    this.#options = options;
    workerFile('process-entry.js');
  }

  protected override openLink(events: LinkEvents): Link {
    const { ProcessLink } = loadLink();
    return new ProcessLink(this.#options, workerSettings(this.#options), events);
  }
}
