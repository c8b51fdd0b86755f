import { setCallFactory, setMethodCallFactory, validateCallOptions, type CallOptions } from '../calls/call';
import { registerFunction, registerMethod, type AnyClass, type AnyFunction } from '../calls/callable';
import { InvalidOptionError } from '../calls/errors';
import { tokenOf, type ExecutorReference } from '../di/resolve-executor';
import { dispatch, makeCall, type Offloaded } from './dispatch';

/** A method whose callers get a promise. */
type PromisingMethod = (...args: never[]) => Promise<unknown>;

/** What `@RunInExecutor` may stand on: a method whose declared type returns a promise. */
export type RunInExecutorDecorator = <M extends PromisingMethod>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<M>,
) => TypedPropertyDescriptor<M>;

/**
 * Runs a method in an executor, off the event loop. The method may have a synchronous body, be async or
 * return a promise: in the worker its result is awaited. Arguments and result travel by copy; `this` is what
 * the worker's container resolves, or a copy (see the `receiver` option), and changes to it do not come back.
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
  checkReference('@RunInExecutor', executor);
  validateCallOptions('@RunInExecutor', options);
  return (target, key, descriptor) => {
    const isStatic = typeof target === 'function';
    const owner = (isStatic ? target : target.constructor) as AnyClass;
    const fn: unknown = (descriptor as PropertyDescriptor | undefined)?.value;
    if (typeof fn !== 'function' || typeof key === 'symbol') {
      throw new InvalidOptionError(
        `@RunInExecutor: ${owner.name}.${String(key)} is ${typeof key === 'symbol' ? 'named by a symbol' : 'no method'}. ` +
          `Expected a method with a name: @RunInExecutor('thread') async load() { ... }`,
      );
    }
    const callable = registerMethod(owner, key, isStatic, fn as AnyFunction, moduleOf(options));
    const offloaded: Offloaded = { callable, token: tokenOf(executor), options };
    const wrapper = function (this: unknown, ...args: unknown[]): Promise<unknown> {
      return dispatch(offloaded, this, args);
    };
    setMethodCallFactory(wrapper, (receiver, args) => makeCall(offloaded, receiver, args));
    return { ...descriptor, value: like(wrapper, fn as AnyFunction) as never };
  };
}

/** A function, as `runInExecutor` returns it: the same, but for a promise of its result. */
export type OffloadedFunction<F extends AnyFunction> = (
  ...args: Parameters<F>
) => Promise<Awaited<ReturnType<F>>>;

/**
 * Wraps a function so that it runs in an executor. Call it while the module is evaluated, at its top level:
 * the worker imports the module, and finds the function by that call.
 *
 * @param executor - as for {@link RunInExecutor}
 * @throws {@link InvalidOptionError} for an unknown option, a wrong value, or what is no function
 * @example export const hash = runInExecutor('thread', (path: string) => sha256(readFileSync(path)));
 */
export function runInExecutor<F extends AnyFunction>(
  executor: ExecutorReference,
  fn: F,
  options: CallOptions = {},
): OffloadedFunction<F> {
  checkReference('runInExecutor', executor);
  validateCallOptions('runInExecutor', options);
  if (typeof fn !== 'function') {
    throw new InvalidOptionError(
      `runInExecutor: expected a function as the second argument, found ${typeof fn}.`,
    );
  }
  const offloaded: Offloaded = {
    callable: registerFunction(fn, moduleOf(options)),
    token: tokenOf(executor),
    options,
  };
  const wrapper = like((...args: unknown[]) => dispatch(offloaded, undefined, args), fn);
  setCallFactory(wrapper, (args) => makeCall(offloaded, undefined, args));
  return wrapper as OffloadedFunction<F>;
}

function moduleOf({ module }: CallOptions): string | undefined {
  return module === undefined ? undefined : String(module);
}

function checkReference(owner: string, executor: unknown): void {
  if (
    (typeof executor === 'string' && executor !== '') ||
    typeof executor === 'symbol' ||
    typeof executor === 'function'
  )
    return;
  throw new InvalidOptionError(
    `${owner}: expected the name of an executor, a class or a symbol, found ${JSON.stringify(executor) ?? typeof executor}.`,
  );
}

/** Gives a wrapper the name, the length and the metadata of what it wraps. */
function like(wrapper: AnyFunction, fn: AnyFunction): AnyFunction {
  Object.defineProperty(wrapper, 'name', { value: fn.name, configurable: true });
  Object.defineProperty(wrapper, 'length', { value: fn.length, configurable: true });
  return wrapper;
}
