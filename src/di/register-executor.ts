import 'reflect-metadata';
import {
  container as rootContainer,
  type ClassProvider,
  type DependencyContainer,
  type FactoryProvider,
  type TokenProvider,
  type ValueProvider,
} from 'tsyringe';
import { InvalidExecutorError, InvalidOptionError } from '../calls/errors';
import type { Executor } from '../executors/executor';
import { noteName, registerBuiltIns } from './resolve-executor';
import { executorToken } from './tokens';

/** How tsyringe makes an executor: `{ useClass }`, `{ useValue }`, `{ useFactory }` or `{ useToken }`. */
export type ExecutorProvider =
  ClassProvider<Executor> | ValueProvider<Executor> | FactoryProvider<Executor> | TokenProvider<Executor>;

/**
 * Registers an executor under a name, for `@RunInExecutor(name)`. It is made on first use, once per
 * container, whatever the provider's lifecycle, and is the same where `executorToken(name)` is injected. Registering a name again replaces its executor: the next
 * call goes to the new one, and the old one ends what it has.
 *
 * @param container - default: tsyringe's root container
 * @throws {@link InvalidOptionError} when the name is empty or the provider is none
 * @example registerExecutor('images', { useFactory: () => new ThreadExecutor({ maxWorkers: 4 }) });
 */
export function registerExecutor(
  name: string,
  provider: ExecutorProvider,
  container: DependencyContainer = rootContainer,
): void {
  if (typeof name !== 'string' || name === '') {
    throw new InvalidOptionError(`registerExecutor: expected a name, found ${JSON.stringify(name)}.`);
  }
  const kinds = ['useClass', 'useValue', 'useFactory', 'useToken'];
  if (typeof provider !== 'object' || provider === null || !kinds.some((kind) => kind in provider)) {
    throw new InvalidOptionError(
      `registerExecutor('${name}'): expected a provider, such as { useFactory: () => new ThreadExecutor() }, found ${typeof provider}.`,
    );
  }
  noteName(name);
  // It may stand before one of them, by its token.
  registerBuiltIns();
  const token = executorToken(name);
  if ('useValue' in provider) {
    container.register(token, provider);
    return;
  }
  const made = Symbol(name);
  container.register(made, provider as FactoryProvider<Executor>);
  // With the container that has the registration, not the one that happens to ask first.
  container.register(token, { useFactory: once(name, () => container.resolve<Executor>(made)) });
}

function once(name: string, make: () => Executor): () => Executor {
  let executor: Executor | undefined;
  let isMaking = false;
  return () => {
    if (executor) return executor;
    if (isMaking) {
      throw new InvalidExecutorError(
        `registerExecutor('${name}'): the executor asks for '${name}', which is itself. Register what it passes ` +
          `calls on to under another name, or make it there: new ThreadExecutor().`,
      );
    }
    isMaking = true;
    try {
      return (executor = make());
    } finally {
      isMaking = false;
    }
  };
}
