import { AsyncResource } from 'node:async_hooks';
import { onAbort } from '../calls/abort-listeners';
import { clock } from '../calls/clock';
import { InvalidOptionError } from '../calls/errors';
import { describeValue } from '../calls/values/describe-value';
import { isThenable } from '../calls/thenable';
import type { Pace } from './options';
import type { CooperativeTask } from './scheduler';

/** What a cooperative generator may be to its callers: its overload says a promise. */
export type Steps<T> = Generator<void, T, void> | Promise<T>;

/** The most steps between two looks at the clock: a sudden slow step must not be followed by many unseen. */
const MOST_STEPS = 256;
/** About how long to run between two looks at the clock, in milliseconds: a look costs some 50 ns. */
const LOOK_EVERY_MS = 0.1;

/**
 * A generator that is stepped until it ends. Its steps run in the async context of its caller, not in that of the
 * call for which the scheduler last set out.
 */
export class GeneratorTask<T> extends AsyncResource implements CooperativeTask {
  /** How many steps to make between two looks at the clock; calibrated while it runs. */
  #stride = 1;
  /** Its next step is to leave; it does so in steps like all others, since a `finally` block may yield. */
  #mustLeave = false;
  /** Why it leaves: what it rejects with when it has left. */
  #failure: { readonly reason: unknown } | undefined;
  readonly #unsubscribe: (() => void) | undefined;

  /**
   * @param name - the method, for messages
   * @param signal - stops it at the next step: its `finally` blocks run, and then it rejects with the reason
   */
  constructor(
    private readonly name: string,
    private readonly steps: Generator<unknown, T, unknown>,
    private readonly pace: Pace,
    signal: AbortSignal | undefined,
    private readonly resolve: (value: T) => void,
    private readonly reject: (reason: unknown) => void,
  ) {
    super('offloop.GeneratorTask');
    if (signal) this.#unsubscribe = onAbort(signal, () => this.#leave(signal.reason));
  }

  advance(until: number): boolean {
    return this.runInAsyncScope(this.#advance, this, until);
  }

  #advance(until: number): boolean {
    try {
      // Where no time is set, by the task or by the scheduler, the clock is not asked.
      const isByTime = this.pace.budgetMs !== Infinity && until !== Infinity;
      return isByTime ? this.#run(until) : this.#walk(this.pace.yieldEvery);
    } catch (error) {
      return this.#reject(error);
    }
  }

  /** By time, and by steps if that comes first. */
  #run(until: number): boolean {
    const { yieldEvery, budgetMs } = this.pace;
    let now = clock.now();
    const end = Math.min(until, now + budgetMs);
    for (let left = yieldEvery; left > 0;) {
      const stride = Math.min(this.#stride, left);
      if (this.#walk(stride)) return true;
      left -= stride;
      const before = now;
      now = clock.now();
      this.#calibrate(now - before);
      if (now >= end) return false;
    }
    return false;
  }

  /**
   * By what the steps since the last look took: those that turn slow hold the loop once, and not again. A few of them
   * among many others say little of what comes, so that it looks after each step then, and begins anew.
   */
  #calibrate(tookMs: number): void {
    if (tookMs < LOOK_EVERY_MS / 2) this.#stride = Math.min(MOST_STEPS, this.#stride * 2);
    else if (tookMs > LOOK_EVERY_MS) this.#stride = 1;
  }

  /** Makes so many steps; true when it has ended. */
  #walk(count: number): boolean {
    const { steps } = this;
    for (let left = count; left > 0; left--) {
      // Nothing here may be captured by a closure: each step would pay for it.
      const { done, value } = this.#mustLeave ? this.#beginToLeave() : steps.next();
      if (done) return this.#end(value);
      if (value !== undefined) this.#refuse(value);
    }
    return false;
  }

  /** A value that is yielded goes nowhere: most likely a promise that should have been awaited. */
  #refuse(value: unknown): void {
    // Nobody awaits it: its rejection would end the process, and nobody would read what is said here.
    if (isThenable(value)) void Promise.resolve(value).catch(() => undefined);
    this.#leave(
      new InvalidOptionError(
        `${this.name} yielded a value (${describeValue(value)}): expected a bare \`yield\`. To await something, use an async method ` +
          `with \`if (due()) await pause()\`.`,
      ),
    );
  }

  #leave(reason: unknown): void {
    // Once only: to leave what leaves already would cut its `finally` blocks short.
    if (!this.#failure) this.#mustLeave = true;
    this.#failure = { reason };
  }

  #beginToLeave(): IteratorResult<unknown, T> {
    this.#mustLeave = false;
    return this.steps.return(undefined as T);
  }

  #end(value: T): true {
    if (this.#failure) return this.#reject(this.#failure.reason);
    this.#unsubscribe?.();
    this.resolve(value);
    return true;
  }

  #reject(reason: unknown): true {
    this.#unsubscribe?.();
    this.reject(reason);
    return true;
  }
}
