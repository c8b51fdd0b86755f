import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { WorkerStartError } from '../calls/errors';
import type { WorkerSettings } from '../calls/frames';
import { executorSettings } from '../calls/settings';
import { isUnderTest, type PoolOptions } from './pool-options';

/** What a new worker of an executor with these options is told. */
export function workerSettings(options: PoolOptions): WorkerSettings {
  const shared = executorSettings();
  const setup = options.setup ?? shared.setup;
  return {
    setup: setup === undefined ? undefined : String(setup),
    loader: options.loader ?? shared.loader,
    // A program may have switched it on itself, which workers do not inherit.
    sourceMaps: (process as { sourceMapsEnabled?: boolean }).sourceMapsEnabled === true,
    underTest: isUnderTest,
  };
}

/**
 * Where a file of `src/worker/` is: executors name them by path.
 *
 * @throws {@link WorkerStartError} when it is not there
 */
export function workerFile(name: string): string {
  const file = join(__dirname, '..', 'worker', name);
  if (existsSync(file)) return file;
  throw new WorkerStartError(
    `offloop has no ${file}: a bundler has put offloop into a bundle, and not the files that its workers start from. ` +
      `Keep it external, and tsyringe and reflect-metadata too: esbuild --packages=external, or ` +
      `webpack externals: { offloop: 'commonjs offloop' }.`,
  );
}

/** The options of `node` that a child inherits. `ts-node` adds itself to them, and would look for its settings elsewhere. */
export function inheritedExecArgv(): string[] {
  const isTsNode = (option: string): boolean => /[\\/]ts-node[\\/]dist[\\/]bin[^\\/]*\.js$/.test(option);
  const at = process.execArgv.findIndex(isTsNode);
  return at < 0 ? process.execArgv : process.execArgv.slice(0, at);
}
