import { join } from 'node:path';
import { ProcessExecutor, ThreadExecutor, type Executor, type PoolOptions } from 'offloop';

export type Kind = 'threads' | 'processes';

/**
 * What makes hundreds of workers load TypeScript soon. What offloop does by itself, to have the project's own
 * loader load it, is tested where these are not used: in `contract`, `di`, `modules` and `samples`.
 */
export const execArgv: readonly string[] = ['-r', join(__dirname, 'load-typescript.cjs')];

export const makeThreads = (options?: PoolOptions): Executor => new ThreadExecutor({ execArgv, ...options });
export const makeProcesses = (options?: PoolOptions): Executor =>
  new ProcessExecutor({ execArgv, ...options });

export const kinds: readonly [Kind, (options?: PoolOptions) => Executor][] = [
  ['threads', makeThreads],
  ['processes', makeProcesses],
];
