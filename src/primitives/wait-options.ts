import { onAbort } from '../calls/abort-listeners';
import { clearTimeout, now, setTimeout } from '../calls/clock';
import { WaitTimeoutError } from '../calls/errors';
import { milliseconds, that, validateOptions } from '../calls/options';

/** Options of the operations that wait in place. */
export interface SyncWaitOptions {
  /** How long to wait, in milliseconds; 0 does not wait at all. Default: no limit. */
  readonly timeoutMs?: number;
}

/** Options of the operations that wait without blocking. */
export interface WaitOptions extends SyncWaitOptions {
  /** Ends the wait: the promise rejects with the signal's reason. Default: none. */
  readonly signal?: AbortSignal;
}

const timeoutCheck = { timeoutMs: milliseconds(0) };
const checks = {
  ...timeoutCheck,
  signal: that('an AbortSignal', (value) => value instanceof AbortSignal),
};

export function validateWait(owner: string, options: WaitOptions | undefined): void {
  validateOptions(owner, options, checks);
}

export function validateSyncWait(owner: string, options: SyncWaitOptions | undefined): void {
  validateOptions(owner, options, timeoutCheck);
}

/** When a wait that begins now is over, on the clock of `now()`. */
export function deadlineOf(options: SyncWaitOptions | undefined): number {
  const timeoutMs = options?.timeoutMs ?? Infinity;
  return timeoutMs === Infinity ? Infinity : now() + timeoutMs;
}

/**
 * Calls `giveUp` with the reason when a wait is to end before what it waits for has come: its time is over, or its signal
 * aborts.
 *
 * @param deadline - when its time is over
 * @returns what stops looking out for it
 */
export function watchWait(
  what: string,
  options: WaitOptions | undefined,
  deadline: number,
  giveUp: (reason: unknown) => void,
): () => void {
  const signal = options?.signal;
  const timeOut = (): void => giveUp(timedOut(what, options));
  const timer = deadline === Infinity ? undefined : setTimeout(timeOut, Math.ceil(deadline - now()));
  const unsubscribe = signal && onAbort(signal, () => giveUp(signal.reason));
  return () => {
    clearTimeout(timer);
    unsubscribe?.();
  };
}

export function timedOut(what: string, options: SyncWaitOptions | undefined): WaitTimeoutError {
  return new WaitTimeoutError(`${what} waited longer than its timeoutMs of ${options?.timeoutMs}.`);
}
