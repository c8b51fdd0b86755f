/**
 * The error classes of offloop. Each failure has exactly one class with a stable `code`, and its
 * message names the class and method, what was expected, what was found, and what to write instead.
 */
import { defineHidden } from './values/define-field';

/** What all errors of offloop share: a stable `code`, and a `name` that survives minification. */
abstract class OffloopError extends Error {
  /** `ERR_OFFLOOP_` and the name of the class in capitals: compare this, it holds across copies of the package. */
  abstract readonly code: string;

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    defineHidden(this, 'name', new.target.name);
  }
}

/** No executor is registered under the name or token that a decorated method asks for. */
export class ExecutorNotFoundError extends OffloopError {
  readonly code = 'ERR_OFFLOOP_EXECUTOR_NOT_FOUND';
}

/** What the container has is no executor, for it has no `submit` method, or tsyringe cannot build it. */
export class InvalidExecutorError extends OffloopError {
  readonly code = 'ERR_OFFLOOP_INVALID_EXECUTOR';
}

/**
 * The worker imported the module, and the class, method or function was not defined there; or a method was called on
 * what workers cannot find, such as a subclass that is not portable.
 */
export class CallableNotFoundError extends OffloopError {
  readonly code = 'ERR_OFFLOOP_CALLABLE_NOT_FOUND';
}

/**
 * A worker could not start, import the module of the method or inject what it depends on; `cause` leads to the
 * original error, where there is one.
 */
export class WorkerStartError extends OffloopError {
  readonly code = 'ERR_OFFLOOP_WORKER_START';
}

/** A worker ended while it was running the call. */
export class WorkerLostError extends OffloopError {
  readonly code = 'ERR_OFFLOOP_WORKER_LOST';
  /** The exit code of the worker, or `null` when a signal ended it. */
  readonly exitCode: number | null;
  /** The signal that ended a process, such as `'SIGKILL'`, or `null`. */
  readonly signal: string | null;
  /** The worker's number within its executor. */
  readonly workerId: number;

  constructor(
    message: string,
    details: { exitCode?: number | null; signal?: string | null; workerId: number; cause?: unknown },
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.exitCode = details.exitCode ?? null;
    this.signal = details.signal ?? null;
    this.workerId = details.workerId;
  }
}

/** The executor's queue holds `maxQueue` calls already; the call was not queued. */
export class QueueFullError extends OffloopError {
  readonly code = 'ERR_OFFLOOP_QUEUE_FULL';
}

/** The call took longer than its `timeoutMs`, or waited longer than its `queueTimeoutMs`. */
export class CallTimeoutError extends OffloopError {
  readonly code = 'ERR_OFFLOOP_CALL_TIMEOUT';
}

/** The executor is shutting down or has shut down; it takes no more calls. */
export class ExecutorShutdownError extends OffloopError {
  readonly code = 'ERR_OFFLOOP_EXECUTOR_SHUTDOWN';
}

/** An argument, a result or a field of `this` cannot be copied to the other side; `path` says which. */
export class NotCloneableError extends OffloopError {
  readonly code = 'ERR_OFFLOOP_NOT_CLONEABLE';
  /** Where the value stands, such as `arguments[0].socket`. */
  readonly path: string;

  constructor(message: string, path: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.path = path;
  }
}

/** A decorated method was called while a worker was still importing the user's modules. */
export class WorkerImportError extends OffloopError {
  readonly code = 'ERR_OFFLOOP_WORKER_IMPORT';
}

/** An option has an unknown name or a value that it cannot take. */
export class InvalidOptionError extends OffloopError {
  readonly code = 'ERR_OFFLOOP_INVALID_OPTION';
}

/** A lock, permit, event or queue was not to be had within `timeoutMs`. */
export class WaitTimeoutError extends OffloopError {
  readonly code = 'ERR_OFFLOOP_WAIT_TIMEOUT';
}

/** To wait in place would be to wait for ever: this very thread holds all that could be waited for. */
export class DeadlockError extends OffloopError {
  readonly code = 'ERR_OFFLOOP_DEADLOCK';
}

/** The queue was closed: it takes no more items, and has no more to give. */
export class QueueClosedError extends OffloopError {
  readonly code = 'ERR_OFFLOOP_QUEUE_CLOSED';
}

/** An item, as bytes, is larger than the whole queue. */
export class ItemTooLargeError extends OffloopError {
  readonly code = 'ERR_OFFLOOP_ITEM_TOO_LARGE';
}

/** Every error class by name: what the error codec rebuilds them from. */
export const errorClasses = {
  ExecutorNotFoundError,
  InvalidExecutorError,
  CallableNotFoundError,
  WorkerStartError,
  WorkerLostError,
  QueueFullError,
  CallTimeoutError,
  ExecutorShutdownError,
  NotCloneableError,
  WorkerImportError,
  InvalidOptionError,
  WaitTimeoutError,
  DeadlockError,
  QueueClosedError,
  ItemTooLargeError,
} as const;
