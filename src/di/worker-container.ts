import 'reflect-metadata';
import { container, type DependencyContainer, type InjectionToken } from 'tsyringe';

const receivers = new Map<object, object>();

/** The receiver of a class in this worker: resolved from its container once. */
export function resolveReceiver(owner: object): object {
  let receiver = receivers.get(owner);
  if (!receiver)
    receivers.set(owner, (receiver = container.resolve<object>(owner as InjectionToken<object>)));
  return receiver;
}

/** Runs what a setup module exports with this worker's container. */
export async function runSetup(setup: Record<string, unknown>): Promise<void> {
  let exported: unknown = setup.default;
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
