import type { WorkerSettings } from '../calls/frames';
import { executorSettings } from '../calls/settings';
import type { PoolOptions } from './pool-options';

/** What a new worker of an executor with these options is told. */
export function workerSettings(options: PoolOptions): WorkerSettings {
  const shared = executorSettings();
  const setup = options.setup ?? shared.setup;
  return {
    setup: setup === undefined ? undefined : String(setup),
    loader: options.loader ?? shared.loader,
    underTest: process.env.JEST_WORKER_ID !== undefined,
  };
}
