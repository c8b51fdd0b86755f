import { milliseconds, validateOptions } from '../calls/options';
import { settingsChecks, type ExecutorSettings } from '../calls/settings';

/** Options of `asyncToSync`; times are in milliseconds. */
export interface SyncOptions extends ExecutorSettings {
  /**
   * How long a call may take, from the moment it is made, the start of a worker included; the worker is ended then,
   * and replaced. Default: the `timeoutMs` of the method, else no limit.
   */
  readonly timeoutMs?: number;
  /** Warns of each call that has blocked this thread for longer. Default: no warning. */
  readonly warnAfterMs?: number;
}

export function validateSyncOptions(options: SyncOptions): void {
  validateOptions('asyncToSync', options, {
    timeoutMs: milliseconds(1),
    warnAfterMs: milliseconds(0),
    ...settingsChecks,
  });
}
