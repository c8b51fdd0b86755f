import type { InjectionToken } from 'tsyringe';
import { Call, type CallOptions } from '../calls/call';
import type { Callable } from '../calls/callable';
import { rethrow } from '../calls/caller-stack';
import { describeValue } from '../calls/values/describe-value';
import { InvalidExecutorError } from '../calls/errors';
import { hostState, type HostState } from '../calls/host-state';
import { importRefusal } from '../calls/import-refusal';
import { isThenable } from '../calls/thenable';
import type { ReceiverMode } from '../calls/receiver';
import { receiverModeOf } from '../di/receiver-mode';
import { resolveExecutor } from '../di/resolve-executor';

/** What a decorator knows of its method. */
export interface Offloaded {
  readonly callable: Callable;
  readonly token: InjectionToken<unknown>;
  readonly options: CallOptions;
}

/** Makes the call of an offloaded method or function. */
export function makeCall(
  { callable, options }: Offloaded,
  receiver: unknown,
  args: readonly unknown[],
): Call {
  let mode: ReceiverMode = 'none';
  if (callable.descriptor.kind !== 'function')
    mode = options.receiver ?? (callable.owner ? receiverModeOf(receiver) : 'copy');
  return new Call(callable, receiver, args, options, mode);
}

/** Sends a call to its executor; inside a worker, it runs in place. */
export function dispatch(
  offloaded: Offloaded,
  receiver: unknown,
  args: readonly unknown[],
): Promise<unknown> {
  const host = hostState();
  if (host)
    return host.importing
      ? refuse(host, offloaded.callable.name)
      : runInPlace(offloaded.callable, receiver, args);
  let outcome: Promise<unknown>;
  try {
    const executor = resolveExecutor(offloaded.token, offloaded.callable.name);
    outcome = executor.submit(makeCall(offloaded, receiver, args));
    if (!(outcome instanceof Promise)) outcome = promiseOf(outcome, executor, offloaded.callable.name);
  } catch (error) {
    outcome = Promise.reject(error);
  }
  return outcome.then(undefined, rethrow);
}

/** An executor of one's own may return what another library, or another realm, has for a promise. */
function promiseOf(outcome: unknown, executor: object, name: string): Promise<unknown> {
  if (isThenable(outcome)) return Promise.resolve(outcome);
  throw new InvalidExecutorError(
    `${name}: submit() of ${executor.constructor.name} returned ${describeValue(outcome)}, expected a promise of the ` +
      `call's outcome. Write async submit(call) { ... }, or return inner.submit(call).`,
  );
}

async function runInPlace({ fn }: Callable, receiver: unknown, args: readonly unknown[]): Promise<unknown> {
  const result: unknown = await fn.apply(receiver, args as unknown[]);
  return result;
}

function refuse(host: HostState, name: string): Promise<never> {
  const refused = Promise.reject(importRefusal(host, name));
  refused.catch(() => undefined);
  return refused;
}
