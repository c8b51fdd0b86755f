import 'reflect-metadata';
import { container as rootContainer, type DependencyContainer, type InjectionToken } from 'tsyringe';
import { amongCopies } from '../calls/among-copies';
import { classNameOf } from '../calls/callable';
import { ExecutorNotFoundError, ExecutorShutdownError, InvalidExecutorError } from '../calls/errors';
import { describe, nearestName } from '../calls/options';
import type { Executor } from '../executors/executor';
import { ProcessExecutor } from '../executors/process-executor';
import { ThreadExecutor } from '../executors/thread-executor';
import { currentContainer } from './current-container';
import { ownerOf } from './executor-owner';
import { isOfTsyringe } from './injectable';
import { findRegistration, isDisposed } from './registrations';
import { executorName, executorToken } from './tokens';

/**
 * The names that editors offer for `@RunInExecutor`; add those of your application. Any other is taken too, and looked
 * for when the method is called:
 *
 * @example
 * declare module 'offloop' {
 *   interface ExecutorNames { images: true }
 * }
 */
export interface ExecutorNames {
  thread: true;
  process: true;
}

/** An executor by the name that it is registered under, or by a class or symbol that is a tsyringe token. */
export type ExecutorReference =
  keyof ExecutorNames | (string & {}) | symbol | (abstract new (...args: never[]) => Executor);

const builtIn: Record<string, () => Executor> = {
  thread: () => new ThreadExecutor(),
  process: () => new ProcessExecutor(),
};
const builtInTokens = new Map(Object.keys(builtIn).map((name) => [executorToken(name), name]));

/** Names that were registered, for the error that lists them. */
const knownNames = new Set(Object.keys(builtIn));

export function noteName(name: string): void {
  knownNames.add(name);
}

/** The token of a reference, computed once per decorator. */
export function tokenOf(reference: ExecutorReference): InjectionToken<unknown> {
  return (typeof reference === 'string' ? executorToken(reference) : reference) as InjectionToken<unknown>;
}

/** What a test has take the place of executors, as far as it knows a token. */
type StandIn = (token: InjectionToken<unknown>) => Executor | undefined;

// A test may have loaded its service with another copy of the package.
const standIns = amongCopies('stand-ins', (): { newestFirst: readonly StandIn[] } => ({ newestFirst: [] }));

/** Has a test's executors take the place of those that the container, or who stood in before, would give. */
export function standInForExecutors(find: StandIn): void {
  standIns.newestFirst = [find, ...standIns.newestFirst];
}

export function noLongerStandIn(find: StandIn): void {
  standIns.newestFirst = standIns.newestFirst.filter((each) => each !== find);
}

/**
 * Finds the executor for a token in the container in effect, one for each container and registration.
 *
 * @param caller - the method that asks, for messages
 * @throws {@link ExecutorNotFoundError} when nothing is registered, {@link InvalidExecutorError} when what is
 *   registered is no executor, {@link ExecutorShutdownError} when the container that has it is disposed
 */
export function resolveExecutor(token: InjectionToken<unknown>, caller: string): Executor {
  for (const find of standIns.newestFirst) {
    const substitute = find(token);
    if (substitute) return substitute;
  }
  const container = currentContainer();
  let found = findRegistration(container, token);
  if (!found && builtInTokens.has(token as symbol)) {
    registerBuiltIns();
    found = findRegistration(container, token);
  }
  if (!found && typeof token !== 'function') throw notFound(token, caller);
  const owner = found?.owner ?? container;
  if (isDisposed(owner)) {
    throw new ExecutorShutdownError(
      `${caller}: the container that ${describeToken(token)} comes from has been disposed. Dispose it when the calls ` +
        `that are made in it have ended.`,
    );
  }
  const executors = ownerOf(owner);
  return (
    executors.known(token, found?.registration) ??
    executors.own(token, found?.registration, resolved(owner, token, caller))
  );
}

/** Only where there is none: a container that was reset has lost them, and one may have its own. */
export function registerBuiltIns(): void {
  for (const [token, name] of builtInTokens) {
    if (!rootContainer.isRegistered(token)) registerOnce(rootContainer, name, builtIn[name]);
  }
}

/** Registers what makes the executor of a name, which it is asked for once. */
export function registerOnce(container: DependencyContainer, name: string, make: () => Executor): void {
  const token = executorToken(name);
  let executor: Executor | undefined;
  let isMaking = false;
  const once = (): Executor => {
    if (executor) return executor;
    if (isMaking) {
      throw new InvalidExecutorError(
        `registerExecutor('${name}'): the executor asks for '${name}', which is itself. Register what it passes ` +
          `calls on to under another name.`,
      );
    }
    isMaking = true;
    try {
      executor = make();
    } finally {
      isMaking = false;
    }
    ownExecutor(container, token, executor);
    return executor;
  };
  container.register(token, { useFactory: once });
}

/** Before a method uses it: until then it may be injected, or stand behind another name. */
export function ownExecutor(container: DependencyContainer, token: symbol, executor: Executor): void {
  const registration = findRegistration(container, token)?.registration;
  if (isExecutor(executor)) ownerOf(container).own(token, registration, executor);
}

// At once, for those who inject them before a method has used them.
registerBuiltIns();

function resolved(owner: DependencyContainer, token: InjectionToken<unknown>, caller: string): Executor {
  const made = build(owner, token, caller);
  if (isExecutor(made)) return made;
  throw new InvalidExecutorError(
    `${caller}: ${describeToken(token)} is no executor: expected an object with a submit(call) method, found ${describe(made)}. ` +
      `Register a class that extends Executor.`,
  );
}

function build(owner: DependencyContainer, token: InjectionToken<unknown>, caller: string): unknown {
  try {
    return owner.resolve(token);
  } catch (cause) {
    if (!isOfTsyringe(cause)) throw cause;
    throw new InvalidExecutorError(
      `${caller}: tsyringe cannot build ${describeToken(token)}: ${cause.message}. Put @injectable() on its class, and ` +
        `name what it depends on by registered tokens, such as @inject(executorToken('thread')); or register what ` +
        `makes it, registerExecutor('name', { useFactory }), and write its name.`,
      { cause },
    );
  }
}

function isExecutor(resolved: unknown): resolved is Executor {
  return typeof (resolved as { submit?: unknown } | undefined)?.submit === 'function';
}

function notFound(token: InjectionToken<unknown>, caller: string): ExecutorNotFoundError {
  const name = typeof token === 'symbol' ? executorName(token) : undefined;
  if (name === undefined) {
    return new ExecutorNotFoundError(
      `${caller}: no executor is registered for ${describeToken(token)}. Register one: ` +
        `container.register(token, { useClass: ThreadExecutor }).`,
    );
  }
  if (knownNames.has(name)) {
    return new ExecutorNotFoundError(
      `${caller}: the executor '${name}' was registered, but not in the container in effect, which withContainer() ` +
        `sets, or it was lost in reset() or clearInstances(): register it after those.`,
    );
  }
  const nearest = nearestName(name, knownNames);
  return new ExecutorNotFoundError(
    `${caller}: no executor is named '${name}'.${nearest ? ` Did you mean '${nearest}'?` : ''} Known names: ` +
      `${[...knownNames].map((known) => `'${known}'`).join(', ')}. Register yours: ` +
      `registerExecutor('${name}', { useFactory: () => new ThreadExecutor() }).`,
  );
}

function describeToken(token: InjectionToken<unknown>): string {
  if (typeof token === 'symbol') {
    const name = executorName(token);
    return name === undefined ? String(token) : `the executor '${name}'`;
  }
  return typeof token === 'function'
    ? `the class ${classNameOf(token) || 'without a name'}`
    : 'a delayed token';
}
