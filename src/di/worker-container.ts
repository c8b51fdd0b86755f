import 'reflect-metadata';
import { container, type DependencyContainer, type InjectionToken } from 'tsyringe';
import type { AnyClass } from '../calls/callable';
import { WorkerStartError } from '../calls/errors';
import { isInjectable, isOfTsyringe } from './injectable';

const receivers = new Map<object, object>();

/**
 * The receiver of a class in this worker: resolved from its container once.
 *
 * @param wanted - the method that asks, for messages
 */
export function resolveReceiver(owner: object, wanted: string): object {
  let receiver = receivers.get(owner);
  if (!receiver) receivers.set(owner, (receiver = resolve(owner as AnyClass, wanted)));
  return receiver;
}

function resolve(owner: AnyClass, wanted: string): object {
  try {
    return container.resolve<object>(owner as unknown as InjectionToken<object>);
  } catch (error) {
    throw explainInjection(error, owner, wanted);
  }
}

/** Says what the worker lacks where tsyringe cannot build a service there. */
function explainInjection(error: unknown, owner: AnyClass, wanted: string): unknown {
  if (!isOfTsyringe(error)) return error;
  return new WorkerStartError(
    `${wanted}: the worker could not inject the dependencies of ${owner.name}${mendOf(error, owner)} tsyringe said: ` +
      error.message,
    { cause: error },
  );
}

function mendOf({ message }: Error, owner: AnyClass): string {
  const isUntold = message.includes('TypeInfo not known');
  if (isUntold && isInjectable(owner, container) && !hasMetadata(owner)) {
    return (
      `, because what loads TypeScript there emits no decorator metadata, from which tsyringe knows them. Loaders ` +
      `made of esbuild, such as tsx, never do: install one that does (npm install --save-dev @swc-node/register ` +
      `@swc/core) and set emitDecoratorMetadata in tsconfig.json, or name each dependency by its token: ` +
      `constructor(@inject(Prices) prices: Prices).`
    );
  }
  if (!isUntold && !message.includes('unregistered')) return '.';
  const mark = isUntold ? `put tsyringe's @injectable() on the class that it does not know, or ` : '';
  return (
    `. A worker has a container of its own, with what the modules that it imports register there: ${mark}move the ` +
    `registration to the top level of the module of ${owner.name}, or to the default export of a setup module, ` +
    `configureExecutors({ setup }).`
  );
}

function hasMetadata({ prototype }: AnyClass): boolean {
  const members = Object.getOwnPropertyNames(prototype);
  return members.some((key) => Reflect.hasOwnMetadata('design:type', prototype as object, key));
}

/** Runs what a setup module exports with this worker's container. */
export async function runSetup(setup: object): Promise<void> {
  // A CommonJS module may be its default export: `module.exports = (container) => { ... }`.
  let exported: unknown = typeof setup === 'function' ? setup : (setup as Record<string, unknown>).default;
  // A CommonJS module that was imported has its exports, with a default of their own, under `default`.
  if (typeof exported === 'object' && exported !== null && 'default' in exported) exported = exported.default;
  if (typeof exported === 'function') await (exported as (worker: DependencyContainer) => unknown)(container);
  else if (exported !== undefined) {
    throw new TypeError(
      `its default export is ${typeof exported}, expected a function that takes the container`,
    );
  }
}

/** Disposes the worker's container: what it built and is disposable is closed. */
export async function disposeContainer(): Promise<void> {
  await container.dispose();
}
