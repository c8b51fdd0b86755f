import 'reflect-metadata';
import { container as rootContainer, type DependencyContainer } from 'tsyringe';
import { amongCopies } from '../calls/among-copies';
import { AsyncContext } from '../calls/async-context';
import { InvalidOptionError } from '../calls/errors';
import { checkFunction, describe } from '../calls/options';

const context = amongCopies('container', () => new AsyncContext<DependencyContainer>());

/**
 * Runs `fn` with `container` as the one that decorated methods find their executors in, for `fn` and all
 * that it awaits. Without it, that is tsyringe's root container.
 *
 * @throws {@link InvalidOptionError} for what is no container, or no function
 * @example
 * const child = container.createChildContainer();
 * registerExecutor('thread', { useFactory: () => new ThreadExecutor({ maxWorkers: 1 }) }, child);
 * await withContainer(child, () => service.render('42'));
 */
export function withContainer<T>(container: DependencyContainer, fn: () => T): T {
  checkContainer('withContainer', container);
  checkFunction('withContainer(container, fn)', fn);
  return context.run(container, fn);
}

/** The container of the innermost `withContainer`, or tsyringe's root container. */
export function currentContainer(): DependencyContainer {
  return context.value ?? rootContainer;
}

/** @throws {@link InvalidOptionError} for what is no container */
export function checkContainer(owner: string, container: unknown): void {
  if (typeof (container as DependencyContainer | null | undefined)?.resolve === 'function') return;
  throw new InvalidOptionError(
    `${owner}: expected a container, such as container.createChildContainer(), found ${describe(container)}.`,
  );
}
