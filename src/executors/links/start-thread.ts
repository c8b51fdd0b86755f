import type { Worker } from 'node:worker_threads';
import type * as piscina from 'piscina';
import type { ThreadStart } from '../../calls/wire/frames';
import { workerMark } from '../../calls/host-state';
import { loadLaterInWorkers } from '../../calls/load-later';
import type { PoolOptions } from '../pool-options';
import { workerFile } from './worker-settings';

// eslint-disable-next-line @typescript-eslint/no-require-imports
const loadPiscina = loadLaterInWorkers('executors', () => require('piscina') as typeof piscina);

/** A thread, and what ends it at once. */
export interface Thread {
  readonly worker: Worker;
  terminate(): void;
}

/**
 * Starts a thread by piscina. It is the only one of its pool, for which it is idle once it has started: it does not
 * keep the process alive then, and its calls come over a port of its own.
 */
export function startThread(options: PoolOptions, start: ThreadStart): Thread {
  const { Piscina } = loadPiscina();
  // Named although it is the default: a test runner gives its tests an environment of their own.
  const { env = process.env, execArgv, resourceLimits } = options;
  const pool = new Piscina({
    filename: workerFile('thread-entry.js'),
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: Infinity,
    // Waiting with Atomics would freeze what a method leaves running in its thread.
    atomics: 'disabled',
    // Nobody reads its histograms.
    recordTiming: false,
    resourceLimits,
    // A thread takes what is undefined for a text, where a process goes without it.
    env: Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined)),
    execArgv: execArgv && [...execArgv],
    workerData: { [workerMark]: true },
  });
  // As an async resource it is not used; a test runner would take it for something left open.
  pool.emitDestroy();
  // What goes wrong shows in the end of the thread.
  pool.on('error', () => undefined);
  pool.run(start, { transferList: [start.port] }).catch(() => undefined);
  const [worker] = pool.threads;
  return { worker, terminate: () => void pool.destroy() };
}
