import type { AnyFunction } from '../calls/callable';
import { signalAmong } from '../calls/call';
import { clock } from '../calls/clock';
import { isThenable } from '../calls/thenable';
import { InvalidOptionError } from '../calls/errors';
import { describe } from '../calls/options';
import { warn } from '../calls/warn';
import { GeneratorTask } from './generator-task';
import { AsyncCall, runAsyncCall } from './pause';
import type { Pace } from './options';
import type { Scheduler } from './scheduler';

/** Methods that were warned of. */
const warned = new WeakSet<AnyFunction>();

/**
 * Runs a generator function, or an async one that pauses, as a cooperative call.
 *
 * @throws what such a call rejects with that fails before there is a promise
 */
export function runCooperatively(
  fn: AnyFunction,
  name: string,
  pace: Pace,
  scheduler: Scheduler,
  receiver: unknown,
  args: unknown[],
): Promise<unknown> {
  const signal = signalAmong(args);
  if (signal?.aborted) throw signal.reason;
  if (isGeneratorFunction(fn))
    return step(fn.apply(receiver, args) as Generator, name, pace, scheduler, signal);
  const call = new AsyncCall(pace, scheduler, signal);
  const begun = clock.now();
  const result = runAsyncCall(call, () => fn.apply(receiver, args));
  if (isGenerator(result)) return step(result, name, pace, scheduler, signal);
  if (!isThenable(result)) throw notCooperative(name, result);
  warnIfBlocked(fn, name, call, clock.now() - begun);
  return Promise.resolve(result);
}

function step(
  steps: Generator,
  name: string,
  pace: Pace,
  scheduler: Scheduler,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    scheduler.add(new GeneratorTask<unknown>(name, steps, pace, signal, resolve, reject));
  });
}

/** An async method that ran for longer than its budget before it first awaited, other than for a pause. */
function warnIfBlocked(fn: AnyFunction, name: string, call: AsyncCall, blockedMs: number): void {
  if (call.pauses || blockedMs <= call.pace.budgetMs || warned.has(fn)) return;
  warned.add(fn);
  warn(
    'OFFLOOP_NEVER_PAUSED',
    `${name} is @Cooperative, never paused and blocked the event loop for ${Math.round(blockedMs)} ms, its budget being ` +
      `${call.pace.budgetMs} ms. Write a generator that yields at each step, or add \`if (due()) await pause()\` to ` +
      `its loop.`,
  );
}

function notCooperative(name: string, result: unknown): InvalidOptionError {
  return new InvalidOptionError(
    `${name} returned ${describe(result)}. What is cooperative is a generator, *load() with a yield per step, ` +
      `or an async function that pauses: if (due()) await pause().`,
  );
}

function isGeneratorFunction(fn: AnyFunction): boolean {
  return Object.prototype.toString.call(fn) === '[object GeneratorFunction]';
}

/** By what it can do: where a compiler makes generators of its own, for ES5, they are plain objects. */
function isGenerator(value: unknown): value is Generator {
  const steps = value as Partial<Generator> | undefined;
  return Boolean(steps?.throw && steps[Symbol.iterator]);
}
