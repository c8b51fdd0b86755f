import { amongCopies } from '../calls/among-copies';
import { AsyncContext } from '../calls/async-context';
import { clock } from '../calls/clock';
import { beginOfTurn, isTurnDue } from '../calls/turn';
import type { Pace } from './options';
import { threadScheduler, type Scheduler } from './scheduler';

/** A cooperative async call: what it has spent since it last paused. */
export class AsyncCall {
  #steps = 0;
  #until: number;
  /** It has asked for a pause: it knows how to. */
  pauses = false;
  #isStopped = false;

  constructor(
    readonly pace: Pace,
    readonly scheduler: Scheduler,
    private readonly signal: AbortSignal | undefined,
  ) {
    // It begins in place: of the turn it has what those have left that began before it.
    this.#until = beginOfTurn() + pace.budgetMs;
  }

  due(): boolean {
    if (++this.#steps >= this.pace.yieldEvery) return true;
    return this.pace.budgetMs !== Infinity && clock.now() >= this.#until;
  }

  /** @param until - as for a generator: the end of its share of the turn */
  paused(until: number): void {
    this.#steps = 0;
    this.#until = Math.min(until, clock.now() + this.pace.budgetMs);
  }

  /** True when its signal has aborted, and once only: its `finally` blocks may pause. */
  mustStop(): boolean {
    if (this.#isStopped || !this.signal?.aborted) return false;
    return (this.#isStopped = true);
  }

  get reason(): unknown {
    return this.signal?.reason as unknown;
  }
}

const context = amongCopies('async-call', () => new AsyncContext<AsyncCall>());

/** Runs an async method as a cooperative call: `due` and `pause` within it, and all that it awaits, know it. */
export function runAsyncCall<T>(call: AsyncCall, fn: () => T): T {
  return context.run(call, fn);
}

/**
 * True when the cooperative call that asks has used up its steps or its time and should pause. It is cheap
 * enough to ask at every step: `if (due()) await pause();`
 *
 * Outside any cooperative call it answers for the thread: true once 8 ms have passed since it was first asked, or the
 * first cooperative async call began, in this turn of the loop.
 */
export function due(): boolean {
  const call = context.value;
  return call ? call.due() : isTurnDue();
}

/**
 * Lets the loop have a turn: timers, sockets and immediates of others run before it resolves, and cooperative
 * calls that wait have theirs. It may be awaited anywhere. When the AbortSignal among the arguments of the cooperative
 * call has aborted meanwhile, it rejects with the reason, which stops the call there.
 */
export function pause(): Promise<void> {
  const call = context.value;
  if (call) call.pauses = true;
  return new Promise((resolve, reject) => {
    (call?.scheduler ?? threadScheduler).add({
      endsTurn: true,
      advance: (until) => {
        call?.paused(until);
        if (call?.mustStop()) reject(call.reason);
        else resolve();
        return true;
      },
    });
  });
}
