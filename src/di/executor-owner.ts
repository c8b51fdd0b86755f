import 'reflect-metadata';
import type { DependencyContainer, InjectionToken } from 'tsyringe';
import type { Executor } from '../executors/executor';

/** A registration of tsyringe: an object that stays the same until the token is registered anew. */
type Registration = object;

/** Every executor that was resolved and not yet disposed; on the global object for other copies of the package. */
const liveKey = Symbol.for('offloop.executors');
const holder = globalThis as { [liveKey]?: Set<Executor> };
const live: Set<Executor> = (holder[liveKey] ??= new Set());

/**
 * The executors that one container owns: one for each token that is registered in it. The container builds
 * its owner itself and so disposes it, and the executors with it, when it is disposed.
 */
export class ExecutorOwner {
  readonly #executors = new Map<
    InjectionToken<unknown>,
    { registration: Registration | undefined; executor: Executor }
  >();

  /** The executor of a token, unless the token was registered anew. */
  known(token: InjectionToken<unknown>, registration: Registration | undefined): Executor | undefined {
    const known = this.#executors.get(token);
    return known && known.registration === registration ? known.executor : undefined;
  }

  /** Takes an executor that was resolved; one that it replaces is closed. */
  own(token: InjectionToken<unknown>, registration: Registration | undefined, executor: Executor): Executor {
    const replaced = this.#executors.get(token);
    this.#executors.set(token, { registration, executor });
    live.add(executor);
    if (replaced) void this.#close(replaced.executor);
    return executor;
  }

  async dispose(): Promise<void> {
    const executors = [...this.#executors.values()];
    await Promise.all(executors.map(({ executor }) => this.#close(executor)));
  }

  /** A replaced executor ends what it has, unless it is still registered elsewhere. */
  async #close(executor: Executor): Promise<void> {
    await executor.shutdown();
    live.delete(executor);
  }
}

const owners = new WeakMap<DependencyContainer, ExecutorOwner>();

/** The owner of the executors of a container. */
export function ownerOf(container: DependencyContainer): ExecutorOwner {
  let owner = owners.get(container);
  if (!owner) owners.set(container, (owner = container.resolve(ExecutorOwner)));
  return owner;
}

/**
 * Shuts all executors down that decorated methods have used: each ends the calls that it has. Calls made
 * later are refused until an executor is registered anew. A script needs it only to wait for that end.
 */
export async function shutdownExecutors(): Promise<void> {
  const shutDown = async (executor: Executor): Promise<void> => {
    await executor.shutdown();
    live.delete(executor);
  };
  await Promise.all([...live].map(shutDown));
}
