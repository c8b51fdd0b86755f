/// <reference types="node" preserve="true" />
import { loadForCallers } from './calls/load-later';

export { asyncToSync, type Sync } from './bridge/async-to-sync';
export type { SyncOptions } from './bridge/sync-options';
export { DeadlockError, ItemTooLargeError, QueueClosedError, WaitTimeoutError } from './calls/errors';
export { Event } from './primitives/event';
export { Lock } from './primitives/lock';
export { Queue } from './primitives/queue';
export type { QueueOptions } from './primitives/queue-options';
export type { Releaser } from './primitives/releaser';
export { Semaphore } from './primitives/semaphore';
export type { SharedState } from './primitives/shared-memory';
export type { SyncWaitOptions, WaitOptions } from './primitives/wait-options';

loadForCallers('values');
