import 'reflect-metadata';
import type { DependencyContainer, InjectionToken } from 'tsyringe';
import { amongCopies } from '../calls/among-copies';
import { warn } from '../calls/warn';
import type { Executor } from '../executors/executor';
import { PoolExecutor } from '../executors/pool-executor';

/** A registration of tsyringe: an object that stays the same until the token is registered anew. */
type Registration = object;

/** An executor that was made, or resolved, and not yet closed, and for how many registrations. */
interface Live {
  readonly ref: WeakRef<Executor>;
  uses: number;
}

/**
 * All of them. None is held: a request may drop its container without disposing it. They are looked up once, for Jest
 * empties what it finds on the global object after each test file, and some are dropped later.
 */
const { of: lives, refs } = amongCopies('executors', () => ({
  of: new WeakMap<Executor, Live>(),
  refs: new Set<WeakRef<Executor>>(),
}));
const dropped = new FinalizationRegistry<WeakRef<Executor>>((ref) => refs.delete(ref));

/**
 * The executors that one container owns: one for each token that is registered in it. The container builds
 * its owner itself and so disposes it, and the executors with it, when it is disposed.
 */
export class ExecutorOwner {
  readonly #executors = new Map<
    InjectionToken<unknown>,
    { registration: Registration | undefined; executor: Executor }
  >();
  #disposed: Promise<void> | undefined;

  /** The executor of a token, unless the token was registered anew. */
  known(token: InjectionToken<unknown>, registration: Registration | undefined): Executor | undefined {
    const known = this.#executors.get(token);
    return known && known.registration === registration ? known.executor : undefined;
  }

  /** Takes an executor that was resolved; one that it replaces is closed. */
  own(token: InjectionToken<unknown>, registration: Registration | undefined, executor: Executor): Executor {
    const replaced = this.#executors.get(token);
    this.#executors.set(token, { registration, executor });
    use(executor);
    if (replaced)
      release(replaced.executor).catch((error: unknown) => warnOfShutdown(replaced.executor, error));
    return executor;
  }

  async dispose(): Promise<void> {
    const executors = [...this.#executors.values()];
    await (this.#disposed ??= endAll(
      executors.map(({ executor }) => executor),
      release,
    ));
  }
}

function use(executor: Executor): void {
  const known = lives.get(executor);
  if (known) {
    known.uses++;
    return;
  }
  const ref = new WeakRef(executor);
  lives.set(executor, { ref, uses: 1 });
  refs.add(ref);
  dropped.register(executor, ref);
}

/** An executor that is no longer registered ends what it has; one that is registered elsewhere too goes on. */
async function release(executor: Executor): Promise<void> {
  const known = lives.get(executor);
  if (known && --known.uses > 0) return;
  try {
    await shutDown(executor);
  } finally {
    // Unless it was registered once more meanwhile.
    if (known && known.uses <= 0) forget(executor);
  }
}

/** For people: nobody waits for the end of an executor that is replaced. */
function warnOfShutdown(executor: Executor, error: unknown): void {
  warn(
    'OFFLOOP_SHUTDOWN_FAILED',
    `the shutdown of a ${executor.constructor.name} that was replaced failed`,
    error,
  );
}

function forget(executor: Executor): void {
  const known = lives.get(executor);
  if (known) refs.delete(known.ref);
  lives.delete(executor);
}

async function shutDown(executor: Executor): Promise<void> {
  // What a test has in place of an executor may have no more than `submit`.
  await (executor as Partial<Executor>).shutdown?.();
}

const owners = amongCopies('owners', () => new WeakMap<DependencyContainer, ExecutorOwner>());

/** The owner of the executors of a container. */
export function ownerOf(container: DependencyContainer): ExecutorOwner {
  let owner = owners.get(container);
  if (!owner) owners.set(container, (owner = container.resolve(ExecutorOwner)));
  return owner;
}

/**
 * Shuts all executors down that names stand for, or that decorated methods have used: each ends the calls that it has.
 * Calls made later are refused until an executor is registered anew. A script needs it only to wait for that end.
 *
 * @throws what the `shutdown` of an executor of one's own throws, once all others have ended
 */
export async function shutdownExecutors(): Promise<void> {
  const end = (executor: Executor): Promise<void> => shutDown(executor).finally(() => forget(executor));
  const executors = [...refs].flatMap((ref) => ref.deref() ?? []);
  await endAll(executors, end);
}

/**
 * The one that was made last first. Pools take no more calls from then on; others may have some to pass on to those
 * that were there before, which hear of it once these have ended.
 */
async function endAll(executors: Executor[], end: (executor: Executor) => Promise<void>): Promise<void> {
  const ends: Promise<void>[] = [];
  for (const executor of executors.reverse()) {
    const ended = end(executor);
    ends.push(ended);
    const settled = ended.catch(() => undefined);
    if (!(executor instanceof PoolExecutor)) await settled;
  }
  await Promise.allSettled(ends);
  await Promise.all(ends);
}
