import { types } from 'node:util';
import type { AnyFunction } from '../calls/callable';
import { InvalidOptionError } from '../calls/errors';
import { loadLaterInWorkers } from '../calls/load-later';
import type { Steps } from '../cooperative/generator-task';
import { checkFunction } from '../calls/options';
import { paceOf, type CooperativeOptions, type Pace } from '../cooperative/options';
import type * as run from '../cooperative/run';
import { resolveScheduler } from '../di/cooperative-scheduler';
import { bare, like, methodDecorator } from './method-decorator';

// eslint-disable-next-line @typescript-eslint/no-require-imports
const loadRun = loadLaterInWorkers('executors', () => require('../cooperative/run') as typeof run);

type PromisingMethod = (...args: any[]) => Promise<any>;

/**
 * What `@Cooperative` may stand on: a method that its callers see return a promise. A standard decorator is given
 * what the method itself returns, `Steps`; what callers see is in its class.
 */
export interface CooperativeDecorator {
  <M extends PromisingMethod>(
    target: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<M>,
  ): TypedPropertyDescriptor<M>;
  <This, Name, M extends (this: This, ...args: any[]) => Steps<any>>(
    method: M,
    context: ClassMethodDecoratorContext<This, M> & { readonly name: Name } & SeenAsPromise<This, Name>,
  ): M;
}

/** Nothing that a context lacks, unless callers see the method return no promise; private ones only the class sees. */
type SeenAsPromise<This, Name> = Name extends keyof This
  ? This[Name] extends PromisingMethod
    ? unknown
    : { readonly 'expected an overload that returns a promise': This[Name] }
  : unknown;

/**
 * Lets a long computation share the event loop: a generator method with a `yield` per step becomes an async
 * method, and the loop gets a full turn between steps: after every N of them (`@Cooperative(1_000)`, literally),
 * by time (`@Cooperative()`, 8 ms, or `{ budgetMs }`), or whichever comes first. All cooperative calls of a
 * thread share one budget per turn. An AbortSignal among the arguments stops the call at the next step.
 *
 * An async method may be cooperative too, and says where: `if (due()) await pause();`
 *
 * Python's counterpart is `await asyncio.sleep(0)` every N iterations.
 *
 * @throws {@link InvalidOptionError} at decoration for a wrong option, and by rejection for a method that is
 *   neither, or yields a value
 * @example
 * countKeys(document: Json): Promise<number>; // what callers see
 * \@Cooperative(1_000)
 * *countKeys(document: Json): Steps<number> { ... yield; ... }
 */
export function Cooperative(options?: number | CooperativeOptions, ...none: never[]): CooperativeDecorator {
  if (none.length > 0) throw bare('@Cooperative');
  const pace = paceOf('@Cooperative', options);
  const decorate = methodDecorator('@Cooperative', ({ called, fn }) =>
    wrap(fn, called, pace, '@Cooperative'),
  );
  return decorate as CooperativeDecorator;
}

/**
 * Makes a function cooperative, as {@link Cooperative} does a method.
 *
 * @throws {@link InvalidOptionError} for a wrong option or what is no function, and by rejection as there
 * @example const walk = cooperative(1_000, function* (document: Json): Generator<void, number, void> { ... });
 */
export function cooperative<A extends unknown[], T>(
  options: number | CooperativeOptions,
  fn: (this: any, ...args: A) => Steps<T>,
): (...args: A) => Promise<T> {
  // First, for where the options were left out.
  checkFunction('cooperative({}, function* () { ... })', fn);
  const pace = paceOf('cooperative', options);
  const called = fn.name || 'a cooperative function';
  return wrap(fn as AnyFunction, called, pace, 'cooperative') as (...args: A) => Promise<T>;
}

function wrap(fn: AnyFunction, name: string, pace: Pace, label: string): AnyFunction {
  if (types.isGeneratorFunction(fn) && types.isAsyncFunction(fn)) {
    throw new InvalidOptionError(
      `${label}: ${name} is an async generator. Expected a generator with a bare \`yield\` per step, or an async ` +
        `function that pauses: if (due()) await pause().`,
    );
  }
  const wrapper = function (this: unknown, ...args: unknown[]): Promise<unknown> {
    try {
      return loadRun().runCooperatively(fn, name, pace, resolveScheduler(name), this, args);
    } catch (error) {
      return Promise.reject(error);
    }
  };
  return like(wrapper, fn);
}
