import 'reflect-metadata';
import {
  container as rootContainer,
  type ClassProvider,
  type DependencyContainer,
  type FactoryProvider,
  type TokenProvider,
  type ValueProvider,
} from 'tsyringe';
import { InvalidOptionError } from '../calls/errors';
import { describe } from '../calls/options';
import type { Executor } from '../executors/executor';
import { checkContainer } from './current-container';
import { noteName, ownExecutor, registerBuiltIns, registerOnce } from './resolve-executor';
import { executorToken } from './tokens';

/** How tsyringe makes an executor: `{ useClass }`, `{ useValue }`, `{ useFactory }` or `{ useToken }`. */
export type ExecutorProvider =
  ClassProvider<Executor> | ValueProvider<Executor> | FactoryProvider<Executor> | TokenProvider<Executor>;

/**
 * Registers an executor under a name, for `@RunInExecutor(name)`. It is made on first use, once per
 * container, whatever the provider's lifecycle, and is the same where `executorToken(name)` is injected. Registering
 * a name again replaces its executor: the next call goes to the new one, and the old one ends what it has.
 *
 * @param container - default: tsyringe's root container
 * @throws {@link InvalidOptionError} when the name is empty, or the provider or the container is none
 * @example registerExecutor('images', { useFactory: () => new ThreadExecutor({ maxWorkers: 4 }) });
 */
export function registerExecutor(
  name: string,
  provider: ExecutorProvider,
  container: DependencyContainer = rootContainer,
): void {
  if (typeof name !== 'string' || name === '') {
    throw new InvalidOptionError(`registerExecutor: expected a name, found ${describe(name)}.`);
  }
  checkProvider(`registerExecutor('${name}')`, provider);
  checkContainer(`registerExecutor('${name}')`, container);
  noteName(name);
  // It may stand before one of them, by its token.
  registerBuiltIns();
  const token = executorToken(name);
  if ('useValue' in provider) {
    container.register(token, provider);
    ownExecutor(container, token, provider.useValue);
    return;
  }
  const made = Symbol(name);
  container.register(made, provider as FactoryProvider<Executor>);
  // With the container that has the registration, not the one that happens to ask first.
  registerOnce(container, name, () => container.resolve<Executor>(made));
}

/** What a provider may have, and whether it will do: any is undefined where modules import each other in a circle. */
const kinds: Record<string, (given: unknown) => boolean> = {
  useClass: (given) => typeof given === 'function',
  useFactory: (given) => typeof given === 'function',
  useToken: (given) => given !== undefined,
  useValue: (given) => given !== undefined && given !== null,
};

function checkProvider(owner: string, provider: unknown): void {
  const given = (typeof provider === 'object' ? (provider ?? {}) : {}) as Record<string, unknown>;
  const kind = Object.keys(kinds).find((each) => each in given);
  if (kind && kinds[kind](given[kind])) return;
  throw new InvalidOptionError(
    `${owner}: expected a provider, such as { useFactory: () => new ThreadExecutor() }, found ` +
      `${kind ? `${kind}: ${describe(given[kind])}` : describe(provider)}.`,
  );
}
