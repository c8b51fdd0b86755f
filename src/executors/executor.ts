/**
 * How a call travels:
 *
 *   service.render('42')
 *         |
 *   decorators/   @RunInExecutor makes a Call, finds the executor in the container
 *         |
 *       Call      the method, the receiver, the arguments, the options
 *         |
 *   +-----v------+  submit(call)   +-----------------+   envelope    +------------+  frame
 *   |  Executor  | --------------> |  PoolExecutor   | ------------> |    Link    | =======> boundary
 *   +------------+                 |  queue, limits, |               | one worker |          thread: shared memory, port
 *     |        |                   |  growth, loss   | <------------ |            | <======= process: pipes
 *     |        |                   +-----------------+    outcome    +------------+               |
 *     |        |                     |            |                                               v
 *   Inline   your own             Thread       Process                                    worker/host:
 *   call.run()                    Executor     Executor                        import module, find method,
 *                                 (piscina)    (child)                         build receiver, run, answer
 *
 * The outcome comes back the same way, and settles the promise that `submit` returned.
 */
import '../calls/dispose-symbols';
import type { Call } from '../calls/call';
import { callOf } from '../calls/call';
import { refuseWhileImporting } from '../calls/import-refusal';
import { loadLaterInWorkers } from '../calls/load-later';
import { checkFunction, flag, integerAtLeast, milliseconds, validateOptions } from '../calls/options';
import type * as mapping from './map-in-order';

// eslint-disable-next-line @typescript-eslint/no-require-imports
const loadMapping = loadLaterInWorkers('executors', () => require('./map-in-order') as typeof mapping);

/** What an executor is doing; counts are of this moment, totals since it was made. */
export interface ExecutorStatistics {
  /** Workers that run or start. */
  readonly workers: number;
  /** Workers that wait for a call. */
  readonly idle: number;
  /** Calls that wait for a worker. */
  readonly queued: number;
  /** Calls that a worker has. */
  readonly running: number;
  /** Calls that were fulfilled, in total. */
  readonly fulfilled: number;
  /** Calls that it took and that were rejected, in total; without those that it refused, as above `maxQueue`. */
  readonly rejected: number;
}

/** How {@link Executor.shutdown} goes about it. */
export interface ShutdownOptions {
  /** Reject the calls that have not begun, instead of running them first. Default: false. */
  readonly cancelPending?: boolean;
  /** Terminate what still runs after so many milliseconds. Default: wait for as long as it takes. */
  readonly drainTimeoutMs?: number;
}

/** @throws {@link InvalidOptionError} for an unknown option or a wrong value */
export function validateShutdownOptions(options: ShutdownOptions): void {
  validateOptions('shutdown', options, {
    cancelPending: flag,
    drainTimeoutMs: milliseconds(0),
  });
}

/** Options of {@link Executor.map}. */
export interface MapOptions {
  /** How many calls are in flight at most, at least 1; fewer where `maxQueue` has no room for so many. Default: 64. */
  readonly concurrency?: number;
}

/**
 * Runs calls somewhere. An executor of one's own extends it and writes `submit` alone: run the call here
 * (`call.run()`), pass it on (`inner.submit(call)`), or ship it (`call.envelope()`).
 *
 * The names follow Python's `concurrent.futures.Executor`.
 *
 * @example
 * class LoggingExecutor extends Executor {
 *   constructor(private readonly inner: Executor) { super(); }
 *   submit<T>(call: Call<T>): Promise<T> {
 *     console.log(call.name);
 *     return this.inner.submit(call);
 *   }
 * }
 */
export abstract class Executor {
  /**
   * Runs a call and settles with its outcome. Executors with workers reject besides with a {@link QueueFullError}, a
   * {@link NotCloneableError}, a {@link CallTimeoutError}, a {@link WorkerStartError}, a {@link WorkerLostError}, a
   * {@link CallableNotFoundError}, an {@link ExecutorShutdownError}, or the reason of the call's signal.
   */
  abstract submit<T>(call: Call<T>): Promise<T>;

  /**
   * Calls `fn` with each item and yields the results in the order of the items, each as soon as it is there. Items
   * are pulled only as there is room, and a slow consumer holds the calls back, so that memory stays flat however
   * many there are; Python's `Executor.map` pulls all of them at once by default.
   * A function wrapped by `runInExecutor` runs in this executor; any other is called as it is, and a decorated
   * method in it runs where its decorator says.
   *
   * @throws the first error, in the order of the items, a call's or the source's; calls in flight then end unheard;
   *   {@link InvalidOptionError} for an unknown option, a wrong value, or what is no function or no items
   * @example for await (const page of executor.map(renderPage, pages, { concurrency: 4 })) save(page);
   */
  async *map<I, R>(
    fn: (item: I) => Promise<R> | R,
    items: Iterable<I> | AsyncIterable<I>,
    options: MapOptions = {},
  ): AsyncGenerator<Awaited<R>, void, undefined> {
    validateOptions('map', options, { concurrency: integerAtLeast(1) });
    checkFunction('map(fn, items)', fn);
    const start = async (item: I): Promise<Awaited<R>> => {
      const call = callOf<R>(fn, [item]);
      if (call) refuseWhileImporting(call.name);
      const result = await (call ? this.submit(call) : fn(item));
      return result;
    };
    const one = callOf<R>(fn, []);
    const hasRoom = (): boolean => this.hasRoom(one);
    yield* loadMapping().mapInOrder(start, items, options.concurrency ?? 64, hasRoom);
  }

  /** @internal True when it would take one more call like this one; undefined for any. */
  hasRoom(_call: Call | undefined): boolean {
    return true;
  }

  /** What it is doing now. Executors that keep no workers report zeros. */
  statistics(): ExecutorStatistics {
    return { workers: 0, idle: 0, queued: 0, running: 0, fulfilled: 0, rejected: 0 };
  }

  /**
   * Takes no more calls, lets those that it has end, and frees its workers. A second shutdown is harmless. Python's
   * counterpart is `Executor.shutdown(cancel_futures=...)`.
   *
   * @throws {@link InvalidOptionError} for an unknown option or a wrong value
   */
  shutdown(_options?: ShutdownOptions): Promise<void> {
    return Promise.resolve();
  }

  /** What tsyringe calls when the container that owns the executor is disposed. */
  dispose(): Promise<void> {
    return this.shutdown();
  }

  /** What `await using` calls at the end of its block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }
}
