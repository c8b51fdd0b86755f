import { isMainThread, workerData } from 'node:worker_threads';
import type { WorkerImportError } from './errors';
import { workerPath } from './worker-path';

/** What a worker tells the decorated methods that are called inside it. */
export interface HostState {
  /** True for code that runs as part of the import of a user's module: its decorated calls are refused. */
  readonly importing: boolean;
  /** How many workers are within one another, down to this one. */
  readonly depth: number;
  /** Told of each refused call, so that the import fails even if nobody awaits the call. */
  onRefused(error: WorkerImportError): void;
}

// On the global object, so that two copies of the package agree on where they are.
const hostKey = Symbol.for('offloop.host');
const holder = globalThis as { [hostKey]?: HostState };

/** Among the `workerData` of each thread that an executor starts. */
export const workerMark = 'offloop.worker';

function isStartedAsWorker(): boolean {
  const processEntry = workerPath('process-entry.js');
  if (isMainThread) return process.argv[1] === processEntry;
  return typeof workerData === 'object' && workerData !== null && workerMark in workerData;
}

// Until there is an importer: what `node -r` and `--import` load comes before it, and starts no program either.
if (isStartedAsWorker()) holder[hostKey] ??= { importing: true, depth: 1, onRefused: () => undefined };

/** The host of this worker, or undefined outside of workers. */
export function hostState(): HostState | undefined {
  return holder[hostKey];
}

/** Makes this thread or process a worker; its entry calls this before it imports anything of the user. */
export function becomeWorker(state: HostState): void {
  holder[hostKey] = state;
}
