import type * as childProcess from 'node:child_process';
import type { Socket } from 'node:net';
import { PipeFd } from '../../calls/wire/pipes';
import type { PoolOptions } from '../pool-options';
import { inheritedExecArgv, workerFile } from './worker-settings';

/** A child, and the pipes that it has. */
export interface Child extends Readonly<Record<keyof typeof PipeFd, Socket>> {
  readonly process: childProcess.ChildProcess;
}

/** @throws when the system has no room for a process, or for its pipes */
export function spawnChild(options: PoolOptions): Child {
  // The environment is named although it is the default: a test runner gives its tests one of their own.
  const { env = process.env, execArgv = inheritedExecArgv(), resourceLimits } = options;
  const limit = resourceLimits?.maxOldGenerationSizeMb;
  const entry = workerFile('process-entry.js');
  // A share of `totalmem()` is seldom a whole number, and the option takes no other.
  const args = [...execArgv, ...(limit ? [`--max-old-space-size=${Math.ceil(limit)}`] : []), entry];
  // Only now: workers load this module too, and start no processes.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { spawn } = require('node:child_process') as typeof childProcess;
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'inherit', 'inherit', 'pipe', 'pipe', 'pipe'],
    env,
  });
  const pipes = child.stdio as unknown as readonly Socket[] | undefined;
  if (!pipes) {
    // It is told once more, as an event.
    child.on('error', () => undefined);
    throw new Error('a process could not be spawned: too many files are open (EMFILE or ENFILE)');
  }
  return {
    process: child,
    calls: pipes[PipeFd.calls],
    outcomes: pipes[PipeFd.outcomes],
    watchdog: pipes[PipeFd.watchdog],
  };
}
