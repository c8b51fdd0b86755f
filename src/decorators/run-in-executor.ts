import { types } from 'node:util';
import { setCallFactory, setMethodCallFactory, validateCallOptions, type CallOptions } from '../calls/call';
import {
  markWrapper,
  ownerAmong,
  registerClasslessMethod,
  registerFunction,
  registerMethod,
  setOwner,
  type AnyFunction,
  type Callable,
} from '../calls/callable';
import { describeValue } from '../calls/values/describe-value';
import { InvalidOptionError } from '../calls/errors';
import { checkFunction } from '../calls/options';
import { tokenOf, type ExecutorReference } from '../di/resolve-executor';
import { dispatch, makeCall, type Offloaded } from './dispatch';
import { like, methodDecorator, notReachable, refuseBare } from './method-decorator';

/** A method whose callers get a promise. */
type PromisingMethod = (...args: never[]) => Promise<unknown>;

/** What `@RunInExecutor` may stand on: a method whose declared type returns a promise. */
export interface RunInExecutorDecorator {
  <M extends PromisingMethod>(
    target: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<M>,
  ): TypedPropertyDescriptor<M>;
  <This, M extends (this: This, ...args: any[]) => Promise<any>>(
    method: M,
    context: ClassMethodDecoratorContext<This, M>,
  ): M;
}

/**
 * Runs a method in an executor, off the event loop. The method may have a synchronous body, be async or
 * return a promise: in the worker its result is awaited. Arguments and result travel by copy; `this` is what
 * the worker's container resolves, or a copy (see the `receiver` option), and changes to it do not come back.
 *
 * A call rejects with what the method throws, and besides with: what {@link Executor.submit} names; an
 * {@link ExecutorNotFoundError} or {@link InvalidExecutorError} for what is registered; a {@link WorkerImportError} while
 * a worker imports the program, which lacks its guard.
 *
 * @param executor - a name registered with `registerExecutor`, or a class or symbol that is a tsyringe token.
 *   Default: `'thread'`, as `None` is the default executor in Python's `loop.run_in_executor`
 * @throws {@link InvalidOptionError} at decoration, for an unknown option, a wrong value, or what is no method
 * @example
 * class Reports {
 *   \@RunInExecutor('thread')
 *   async load(path: string): Promise<string> { return readFileSync(path, 'utf8'); }
 * }
 */
export function RunInExecutor(
  executor: ExecutorReference = 'thread',
  options: CallOptions = {},
): RunInExecutorDecorator {
  refuseBare('@RunInExecutor', options);
  checkReference('@RunInExecutor', executor);
  validateCallOptions('@RunInExecutor', options);
  const decorate = methodDecorator('@RunInExecutor', (method) => {
    const { name, called, fn, isStatic, owner } = method;
    if (typeof name === 'symbol') throw notReachable('@RunInExecutor', `${called} is named by a symbol`);
    if (method.isPrivate)
      throw notReachable('@RunInExecutor', `${called} is private, so that no worker can find it`);
    refuseGenerator('@RunInExecutor', called, fn);
    const module = moduleOf(options);
    const callable = owner
      ? registerMethod(owner, name, isStatic, fn, module)
      : registerClasslessMethod(name, isStatic, fn, module);
    const offloaded: Offloaded = { callable, token: tokenOf(executor), options };
    const wrapper = function (this: unknown, ...args: unknown[]): Promise<unknown> {
      if (!callable.owner) findOwner(callable, this);
      return dispatch(offloaded, this, args);
    };
    setMethodCallFactory(wrapper, (receiver, args) => {
      if (!callable.owner) findOwner(callable, receiver);
      return makeCall(offloaded, receiver, args);
    });
    method.onOwner?.((found) => setOwner(callable, found));
    markWrapper(wrapper, callable);
    return like(wrapper, fn);
  });
  return decorate as RunInExecutorDecorator;
}

/** Looks for the class of a method, whose decorator was not told it, among those of the receiver. */
function findOwner(callable: Callable, receiver: unknown): void {
  const classes: unknown[] = [];
  let level = Object.getPrototypeOf(Object(receiver)) as object | null;
  for (; level; level = Object.getPrototypeOf(level) as object | null) classes.push(level.constructor);
  const owner = ownerAmong(classes, callable);
  if (owner) setOwner(callable, owner);
}

/** What `runInExecutor` makes of a function: the same, but for a promise of its result. */
export type OffloadedFunction<F extends AnyFunction> = (
  ...args: Parameters<F>
) => Promise<Awaited<ReturnType<F>>>;

/**
 * Wraps a function so that it runs in an executor. Call it while the module is evaluated, at its top level:
 * the worker imports the module, and finds the function by that call. Calls reject as those of {@link RunInExecutor} do.
 * Python's counterpart is `asyncio.to_thread`.
 *
 * @param executor - as for {@link RunInExecutor}
 * @throws {@link InvalidOptionError} for an unknown option, a wrong value, or what is no function
 * @example export const hash = runInExecutor('thread', (path: string) => sha256(readFileSync(path)));
 */
export function runInExecutor<A extends any[], R>(
  executor: ExecutorReference,
  fn: (this: void, ...args: A) => R,
  options: CallOptions = {},
): (...args: A) => Promise<Awaited<R>> {
  // First, for where the executor was left out, or comes last.
  checkFunction(`runInExecutor('thread', fn)`, fn);
  checkReference('runInExecutor', executor);
  validateCallOptions('runInExecutor', options);
  refuseGenerator('runInExecutor', fn.name || 'the function', fn);
  const offloaded: Offloaded = {
    callable: registerFunction(fn, moduleOf(options)),
    token: tokenOf(executor),
    options,
  };
  const wrapper = like((...args: unknown[]) => dispatch(offloaded, undefined, args), fn);
  setCallFactory(wrapper, (args) => makeCall(offloaded, undefined, args));
  return wrapper as (...args: A) => Promise<Awaited<R>>;
}

function moduleOf({ module }: CallOptions): string | undefined {
  return module === undefined ? undefined : String(module);
}

function checkReference(owner: string, executor: unknown): void {
  if (
    (typeof executor === 'string' && executor !== '') ||
    typeof executor === 'symbol' ||
    (typeof executor === 'function' && executor.prototype)
  )
    return;
  throw new InvalidOptionError(
    `${owner}: expected the name of an executor, a class or a symbol, found ${describeValue(executor)}.` +
      mendOfReference(owner, executor),
  );
}

function mendOfReference(owner: string, found: unknown): string {
  if (typeof found === 'function')
    return ` Register what makes it, registerExecutor('name', { useFactory }), and write its name.`;
  if (typeof found !== 'object' || found === null) return '';
  if (typeof (found as { submit?: unknown }).submit === 'function')
    return ` Register it, registerExecutor('name', { useValue: executor }), and write its name.`;
  const fn = owner.startsWith('@') ? '' : 'fn, ';
  return Object.getPrototypeOf(found) === Object.prototype
    ? ` Options come last: ${owner}('thread', ${fn}{ ... }).`
    : '';
}

/** What a generator yields cannot be sent piece by piece. */
function refuseGenerator(label: string, called: string, fn: AnyFunction): void {
  if (!types.isGeneratorFunction(fn)) return;
  throw new InvalidOptionError(
    `${label}: ${called} is a generator, which cannot be copied out of a worker. Return a promise of all that it ` +
      `yields; one that yields to share the loop takes @Cooperative().`,
  );
}
