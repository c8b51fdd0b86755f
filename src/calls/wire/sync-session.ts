/** What a thread that waits in place and the worker that it waits for share. */
import type { MessagePort } from 'node:worker_threads';
import type { WorkerSettings } from './frames';

/** Words that both watch. */
export const SyncWord = {
  /** Changes whenever the worker has sent something. */
  sent: 0,
  /** The exit code of the worker plus one, once it is about to end. */
  exit: 1,
} as const;
export const SYNC_WORDS = 2;

/** From the worker: an error that nobody caught is about to end it: the error and its patches. */
export const CRASHED = 100;
/** From the worker: what it wrote: `'stdout'` or `'stderr'`, the chunk and its encoding. */
export const OUTPUT = 102;
/** To the worker, which ignores it: only whether it can be delivered is of interest. */
export const PING = 101;

/** What the worker starts with. */
export interface SyncSession {
  readonly port: MessagePort;
  /** What holds the small ones. */
  readonly outcomes: SharedArrayBuffer;
  readonly words: Int32Array;
  readonly settings: WorkerSettings;
}
