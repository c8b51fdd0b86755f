import { InvalidOptionError } from '../calls/errors';
import { checkFunction } from '../calls/options';
import { isThenable } from '../calls/thenable';
import { Permits } from './permits';
import { NONE } from './places';
import { makeReleaser, type Releaser } from './releaser';
import { coreOf, type SharedState } from './shared-memory';
import { validateSyncWait, validateWait, type SyncWaitOptions, type WaitOptions } from './wait-options';

/** What {@link Lock} and {@link Semaphore} have in common. */
export abstract class PermitHolder {
  readonly #what: string;
  readonly #words: Int32Array;
  readonly #permits: Permits;

  protected constructor(what: string, words: Int32Array) {
    this.#what = what;
    this.#words = words;
    this.#permits = coreOf(words, () => new Permits(words));
  }

  /** How many permits are free now. */
  protected get free(): number {
    return this.#permits.available;
  }

  /**
   * Waits for its turn without blocking the event loop, and keeps the process alive meanwhile.
   *
   * @returns what releases it
   * @throws {@link WaitTimeoutError} when `timeoutMs` is over first; the signal's reason when it aborts first;
   *   {@link InvalidOptionError} for an unknown option or a wrong value
   */
  async acquire(options?: WaitOptions): Promise<Releaser> {
    validateWait(`${this.#what}.acquire`, options);
    return this.#releaser(await this.#permits.take(`${this.#what}.acquire`, options));
  }

  /**
   * Waits for its turn in place: nothing else runs in this thread meanwhile.
   *
   * @throws {@link WaitTimeoutError} when `timeoutMs` is over first; {@link DeadlockError} when this very thread
   *   holds what it would wait for; {@link InvalidOptionError} for an unknown option or a wrong value
   */
  acquireSync(options?: SyncWaitOptions): Releaser {
    validateSyncWait(`${this.#what}.acquireSync`, options);
    return this.#releaser(this.#permits.takeSync(`${this.#what}.acquireSync`, options));
  }

  /** Acquires when it is free and nobody waits for it; else undefined, at once. */
  tryAcquire(): Releaser | undefined {
    const permit = this.#permits.tryTake();
    return permit === NONE ? undefined : this.#releaser(permit);
  }

  /**
   * Acquires, runs `fn`, awaits its result and releases, also when it throws.
   *
   * @throws what `fn` throws, and what {@link acquire} does
   */
  async run<R>(fn: (held: Releaser) => R | PromiseLike<R>, options?: WaitOptions): Promise<R> {
    checkFunction(`${this.#what}.run(fn)`, fn);
    const held = await this.acquire(options);
    try {
      return await fn(held);
    } finally {
      held();
    }
  }

  /**
   * As {@link run}, in place; `fn` is synchronous.
   *
   * @throws what `fn` throws, and what {@link acquireSync} does; {@link InvalidOptionError} when `fn` returns a
   *   promise: it would go on after the release
   */
  runSync<R>(fn: (held: Releaser) => R, options?: SyncWaitOptions): R {
    checkFunction(`${this.#what}.runSync(fn)`, fn);
    const held = this.acquireSync(options);
    let result: R;
    try {
      result = fn(held);
    } finally {
      held();
    }
    if (isThenable(result)) throw this.#goesOn(result);
    return result;
  }

  /** How it travels to another thread of this process; `fromPortable` takes it there. */
  toPortable(): SharedState {
    return { memory: this.#words.buffer as SharedArrayBuffer };
  }

  #goesOn(result: PromiseLike<unknown>): InvalidOptionError {
    void Promise.resolve(result).catch(() => undefined);
    return new InvalidOptionError(
      `${this.#what}.runSync: the function returned a promise, and what it guards would go on after the release. ` +
        `Write: await ${this.#what.toLowerCase()}.run(fn).`,
    );
  }

  #releaser(permit: number): Releaser {
    return makeReleaser(this.#permits.wasAbandoned(permit), () => this.#permits.release(permit));
  }
}
