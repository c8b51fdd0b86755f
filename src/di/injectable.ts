import 'reflect-metadata';
import type { DependencyContainer, InjectionToken } from 'tsyringe';
import type { AnyClass } from '../calls/callable';
import { findRegistration } from './registrations';

/** What `@injectable()` tells tsyringe; private to it, and the only trace for classes without parameters. */
const typeInfo: ReadonlyMap<unknown, unknown> | undefined = loadTypeInfo();

function loadTypeInfo(): ReadonlyMap<unknown, unknown> | undefined {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const internals = require('tsyringe/dist/cjs/dependency-container') as { typeInfo?: unknown };
    return internals.typeInfo instanceof Map ? internals.typeInfo : undefined;
  } catch {
    return undefined;
  }
}

/**
 * True for a class that tsyringe knows: registered, or marked with `@injectable()` and its like. Any other
 * class it would construct too, if only it has no parameters, so asking it to resolve proves nothing. Where
 * tsyringe hides what it knows, constructor metadata decides, which only decorated classes have.
 */
export function isInjectable(owner: AnyClass, container: DependencyContainer): boolean {
  if (typeInfo?.has(owner)) return true;
  if (findRegistration(container, owner as unknown as InjectionToken<object>)) return true;
  return typeInfo === undefined && Reflect.hasOwnMetadata('design:paramtypes', owner);
}

/** Every class that is marked with `@injectable()` and its like, as far as tsyringe tells. */
export function injectableClasses(): unknown[] {
  return [...(typeInfo?.keys() ?? [])];
}

/** How tsyringe begins its errors; what the constructor of the service itself throws is its own. */
const ofTsyringe = /^(Cannot inject|Attempted to|TypeInfo not known)/;

export function isOfTsyringe(error: unknown): error is Error {
  return error instanceof Error && ofTsyringe.test(error.message);
}
