import { callOf, methodCallFactoryOf } from '../calls/call';
import type { AnyFunction } from '../calls/callable';
import { InvalidOptionError } from '../calls/errors';
import { isThenable } from '../calls/thenable';
import { callSync } from './call-sync';
import { validateSyncOptions, type SyncOptions } from './sync-options';

type Promising = (...args: any[]) => PromiseLike<unknown>;

/**
 * The synchronous view of a service: methods that return a promise return its value; streams have none, and all
 * else is as it was. Of a function: the function that returns the value.
 */
export type Sync<T> = T extends (...args: infer A) => PromiseLike<infer R>
  ? (...args: A) => R
  : {
      readonly [
        K in keyof T as T[K] extends (...args: any[]) => AsyncIterable<unknown> ? never : K
      ]: SyncMember<T[K]>;
    };

type SyncMember<M> = M extends (...args: infer A) => PromiseLike<infer R> ? (...args: A) => R : M;

/**
 * A synchronous view of a service, or of a function wrapped by `runInExecutor`: each decorated method, and each
 * wrapped function that the service holds, runs in a worker with an event loop of its own, while this thread waits in
 * place, and returns its value or throws its error. It works inside a running event loop, where Python needs
 * nest_asyncio, and inside workers.
 *
 * It blocks this thread's loop: take it where the caller cannot be async, such as a synchronous plugin interface or
 * a script. One worker serves all views of a thread that have the same settings; it starts with the first call, and
 * does not keep the process alive.
 *
 * A call throws what the method throws, and besides: {@link CallTimeoutError} when `timeoutMs` is over,
 * {@link WorkerLostError} when the worker ended, {@link WorkerStartError} when it could not start or import the module,
 * {@link NotCloneableError} for what cannot be copied, {@link InvalidOptionError} for a method that is async and not
 * decorated.
 *
 * @throws {@link InvalidOptionError} for an unknown option, a wrong value, or a function that is not wrapped
 * @example
 * const reports = asyncToSync(container.resolve(ReportService), { timeoutMs: 5_000 });
 * const text: string = reports.load('report.txt');
 */
export function asyncToSync<F extends Promising>(fn: F, options?: SyncOptions): Sync<F>;
export function asyncToSync<T extends object>(service: T, options?: SyncOptions): Sync<T>;
export function asyncToSync(target: object, given: SyncOptions = {}): unknown {
  validateSyncOptions(given);
  const options = { ...given };
  if ((typeof target !== 'object' && typeof target !== 'function') || target === null) {
    throw new InvalidOptionError(`asyncToSync: expected a service or a function, found ${String(target)}.`);
  }
  if (typeof target === 'function' && !isClass(target)) return syncFunction(target as AnyFunction, options);
  // Over an object that inherits from the service, not over itself: of what is frozen a proxy may show nothing else.
  return new Proxy(Object.create(target) as object, new SyncView(target, options));
}

function syncFunction(fn: AnyFunction, options: SyncOptions): AnyFunction {
  if (!callOf(fn, [])) {
    const found = methodCallFactoryOf(fn)
      ? 'found a method without its receiver. Hand over the service: asyncToSync(service).method()'
      : `found '${fn.name}', which is not. Wrap it: runInExecutor('thread', ${fn.name || 'fn'})`;
    throw new InvalidOptionError(`asyncToSync: expected a function wrapped by runInExecutor, ${found}.`);
  }
  return function inPlace(...args: unknown[]): unknown {
    const call = callOf(fn, args);
    return call && callSync(call, options, inPlace);
  };
}

/** What the properties of a service are in its synchronous view. */
class SyncView implements ProxyHandler<object> {
  readonly #methods = new WeakMap<object, AnyFunction>();

  constructor(
    private readonly service: object,
    private readonly options: SyncOptions,
  ) {}

  get(_view: object, key: PropertyKey): unknown {
    // The service itself is the receiver: #private fields are its own.
    const value: unknown = Reflect.get(this.service, key, this.service);
    if (typeof value !== 'function' || key === 'constructor' || isClass(value)) return value;
    let method = this.#methods.get(value);
    if (!method) this.#methods.set(value, (method = this.#inPlace(String(key), value as AnyFunction)));
    return method;
  }

  set(_view: object, key: PropertyKey, value: unknown): boolean {
    return Reflect.set(this.service, key, value, this.service);
  }

  deleteProperty(_view: object, key: PropertyKey): boolean {
    return Reflect.deleteProperty(this.service, key);
  }

  ownKeys(): (string | symbol)[] {
    return Reflect.ownKeys(this.service);
  }

  getOwnPropertyDescriptor(view: object, key: PropertyKey): PropertyDescriptor | undefined {
    const own = Reflect.getOwnPropertyDescriptor(this.service, key);
    return own && { value: this.get(view, key), enumerable: own.enumerable, configurable: true };
  }

  #inPlace(key: string, fn: AnyFunction): AnyFunction {
    const { service, options } = this;
    // What `bind` made of a method says nothing of it: the class has the method itself.
    const ofClass = Object.getPrototypeOf(service) as Record<string, AnyFunction | undefined> | null;
    const makeCall = methodCallFactoryOf((fn.name === `bound ${key}` && ofClass?.[key]) || fn);
    if (makeCall) {
      return function inPlace(...args: unknown[]): unknown {
        return callSync(makeCall(service, args), options, inPlace);
      };
    }
    if (callOf(fn, [])) return syncFunction(fn, options);
    const asItIs = (...args: unknown[]): unknown => {
      const result = fn.apply(service, args);
      if (!isThenable(result)) return result;
      void Promise.resolve(result).catch(() => undefined);
      const isReplaced = ofClass?.[key] && methodCallFactoryOf(ofClass[key]);
      throw new InvalidOptionError(
        `asyncToSync: ${nameOf(service)}.${key} is async and runs in this thread, where nobody can wait for it in place. ` +
          (isReplaced
            ? `It stands in the place of a decorated method, as a test's spy does: spy on the synchronous view instead.`
            : `Decorate it: @RunInExecutor('thread').`),
      );
    };
    // With what it has itself, as a test's spy has.
    return Object.defineProperties(asItIs, Object.getOwnPropertyDescriptors(fn));
  }
}

function nameOf(target: object): string {
  return typeof target === 'function' ? target.name : (target.constructor?.name ?? 'the object');
}

/** Classes are handed over for their static methods. */
function isClass(value: object): boolean {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}
