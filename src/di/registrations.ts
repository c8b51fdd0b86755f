import 'reflect-metadata';
import type { DependencyContainer, InjectionToken } from 'tsyringe';

/** The parts of a container that tsyringe keeps to itself; absent in a version that names them otherwise. */
interface Internals {
  readonly _registry?: { get(token: InjectionToken<unknown>): object | undefined };
  readonly parent?: DependencyContainer;
  readonly disposed?: boolean;
}

/**
 * Where a token is registered, seen from a container: the nearest container that has it, and the registration,
 * which is another object when the token is registered anew. A version of tsyringe that hides these still
 * works: the container itself then stands for both.
 */
export function findRegistration(
  container: DependencyContainer,
  token: InjectionToken<unknown>,
): { owner: DependencyContainer; registration: object | undefined } | undefined {
  for (let level: DependencyContainer | undefined = container; level;) {
    const internals = level as unknown as Internals;
    if (!internals._registry)
      return container.isRegistered(token, true) ? { owner: container, registration: undefined } : undefined;
    const registration = internals._registry.get(token);
    if (registration) return { owner: level, registration };
    level = internals.parent;
  }
  return undefined;
}

/** True for a container that resolves nothing any more, as far as tsyringe tells. */
export function isDisposed(container: DependencyContainer): boolean {
  return (container as unknown as Internals).disposed === true;
}
