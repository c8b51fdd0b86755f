import {
  ExecutorShutdownError,
  InvalidOptionError,
  QueueFullError,
  WorkerImportError,
  WorkerLostError,
  WorkerStartError,
} from '../calls/errors';
import { isError } from '../calls/is-error';
import { messageOf } from '../calls/message-of';
import { describe } from '../calls/options';
import { defineHidden } from '../calls/values/define-field';
import { warn } from '../calls/warn';
import type { Executor } from './executor';
import type { Loss } from './links/link';

/** For people: how a worker ended. */
export function describeLoss({ exitCode, signal, cause }: Loss): string {
  const why = isError(cause) ? ` (${cause.message})` : '';
  if (signal) return `by signal ${signal}${why}`;
  return exitCode === null ? `unexpectedly${why}` : `with exit code ${exitCode}${why}`;
}

/** Why a worker could not start that has ended meanwhile. */
export function startLoss(loss: Loss): unknown {
  return loss.cause ?? new Error(`it ended ${describeLoss(loss)} before it was ready`);
}

export const whileImporting = (module: string): string =>
  `while it was importing ${module}, or the module of a class that the call brings along. A module that ` +
  `workers import must leave them running: call process.exit() and start servers behind if (!isWorker).`;

export const whileReading =
  'before it began the call, as others had: it may carry more than resourceLimits leave room for.';

/** @param meanwhile - what the worker was about, as a half sentence */
export function lostError(
  name: string,
  workerId: number,
  loss: Loss,
  meanwhile = 'while it ran the call.',
): WorkerLostError {
  return new WorkerLostError(`${name}: its worker ${workerId} ended ${describeLoss(loss)} ${meanwhile}`, {
    ...loss,
    workerId,
  });
}

/** For people: no call tells of it. */
export function warnOfLoss(executor: string, workerId: number, loss: Loss): void {
  warn(
    'OFFLOOP_WORKER_LOST',
    `worker ${workerId} of this ${executor} ended ${describeLoss(loss)} while it ran no call. What a method leaves ` +
      `running has to handle its own errors, and what calls carry has to fit into the memory of a worker.`,
    loss.cause,
  );
}

export function startError(executor: string, name: string, cause: unknown): WorkerStartError {
  return new WorkerStartError(`${name}: no worker of this ${executor} could start: ${messageOf(cause)}`, {
    cause,
  });
}

/**
 * The error of one call that has failed, for another that fails for the same reason: each is told of its own method,
 * and gets its caller's stack.
 */
export function ownError(error: unknown, failed: string, name: string): unknown {
  if (!(error instanceof WorkerStartError || error instanceof WorkerImportError)) return error;
  const { message, cause, stack } = error;
  const isNamed = message.startsWith(`${failed}: `);
  const own = new (error.constructor as typeof WorkerStartError)(
    isNamed ? name + message.slice(failed.length) : message,
    'cause' in error ? { cause } : undefined,
  );
  // Its first line tells the message as well.
  defineHidden(
    own,
    'stack',
    stack?.replace(message, () => own.message),
  );
  return own;
}

export function importTimeoutError(name: string, module: string, ms: number): WorkerStartError {
  return new WorkerStartError(
    `${name}: the worker was importing ${module}, or the module of a class that the call brings along, for longer ` +
      `than ${ms} ms, the startTimeoutMs. A module that workers import must end its evaluation: start servers and ` +
      `loops behind if (!isWorker).`,
  );
}

export function queueFullError(executor: Executor, name: string, maxQueue: number): QueueFullError {
  return new QueueFullError(
    `${name}: ${maxQueue} calls wait already, the maxQueue of this ${executor.constructor.name}. ` +
      `Await some of them first, as executor.map() does, or raise maxQueue.`,
  );
}

export function shutdownError(executor: Executor, name: string, state: string): ExecutorShutdownError {
  return new ExecutorShutdownError(
    `${name}: this ${executor.constructor.name} is ${state} and takes no more calls. ` +
      `Register a new one with registerExecutor() to go on.`,
  );
}

/** Whether it is one, of this copy of the package or of another. */
export function isCall(given: unknown): boolean {
  return typeof (given as { envelope?: unknown } | undefined)?.envelope === 'function';
}

/** Who knows Python's `submit` hands it a function. */
export function noCallError(executor: Executor, found: unknown): InvalidOptionError {
  return new InvalidOptionError(
    `submit() of ${executor.constructor.name}: expected a call, which decorated methods make, found ` +
      `${describe(found)}. Call the method itself, await service.load(path), or executor.map(fn, items).`,
  );
}
