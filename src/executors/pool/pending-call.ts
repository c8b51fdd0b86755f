import { clearTimeout, setImmediate, setTimeout } from '../../calls/clock';
import { onAbort } from '../../calls/abort-listeners';
import type { Call, CallOptions, Envelope } from '../../calls/call';
import type { Callable } from '../../calls/callable';
import { CallTimeoutError } from '../../calls/errors';
import type { SentCall } from '../../calls/wire/frames';
import { keepEnvelope, keepLittle } from './keep';
import type { PoolWorker } from './pool-worker';
import { callRefusal } from '../../calls/refusals';

/** What a pending call asks of its pool. */
export interface PendingCallOwner {
  /** The caller no longer waits: stop the call wherever it is. */
  onGivenUp(call: PendingCall, reason: unknown): void;
  onSettled(call: PendingCall, fulfilled: boolean): void;
}

const DEFAULT_GRACE_MS = 1_000;
/** Where calls stand behind each other, the pool may hear a millisecond late that the next has begun: little of so much time. */
const CLOSELY_MS = 100;
/** How soon to look again for a call that is to be stopped, and is not the one that its worker runs. */
const AGAIN_MS = 10;

/**
 * Calls `fn` in so many milliseconds, when what has come by then was read: a loop that was held up runs its timers
 * first, although the call that they watch may be over.
 */
function afterReading(ms: number, fn: () => void): NodeJS.Timeout {
  return setTimeout(setImmediate, ms, fn);
}

/** One call within a pool, from its submission until its outcome. There are many: its fields are few and plain. */
export class PendingCall implements SentCall {
  /** Its number on the link that carries it. */
  id = -1;
  /** The worker that has it; undefined while it waits. */
  worker: PoolWorker | undefined = undefined;
  /** It is in the queue. */
  isWaiting = false;
  /** Its caller has been answered. It may still hold its worker until that is really free. */
  settled = false;
  /** How many workers have ended with it, none of whose calls had begun: to read it may be what ended them. */
  unread = 0;
  /** What it carries is more than a little plain data: to read it may take longer than to run it. */
  isLarge = false;
  /** Since when it has waited, as of the clock. */
  queuedAt = 0;
  readonly callable: Callable;
  readonly options: CallOptions;
  private readonly hasSignal: boolean;
  private lossesLeft: number;
  private runTimer: NodeJS.Timeout | undefined = undefined;
  private queueTimer: NodeJS.Timeout | undefined = undefined;
  /** Its `queueTimeoutMs` is over, which matters only while it does not run. */
  private isOverdue = false;
  private runs = false;
  private isKept = false;
  private unsubscribe: (() => void) | undefined = undefined;

  constructor(
    // It is not kept: its arguments, once they were copied, are the caller's alone.
    call: Call,
    public envelope: Envelope,
    private readonly owner: PendingCallOwner,
    private readonly resolve: (value: unknown) => void,
    private readonly reject: (reason: unknown) => void,
  ) {
    this.callable = call.callable;
    const { options, signal } = call;
    this.options = options;
    this.hasSignal = signal !== undefined;
    this.lossesLeft = options.retriesOnLoss ?? 0;
    const { queueTimeoutMs } = options;
    if (queueTimeoutMs !== undefined && queueTimeoutMs !== Infinity) {
      this.queueTimer = afterReading(queueTimeoutMs, () => this.overdue());
    }
    if (signal) this.unsubscribe = onAbort(signal, () => this.giveUp(signal.reason));
  }

  /** The method as people name it. */
  get name(): string {
    return this.callable.name;
  }

  /** True when the call must be alone with its worker, so that the start of its execution is known at once. */
  get isTimedClosely(): boolean {
    const { timeoutMs } = this.options;
    return timeoutMs !== undefined && timeoutMs < CLOSELY_MS;
  }

  /**
   * It waits, or may be sent again, and what it was given is the caller's to change: where that is small, it keeps a
   * copy; what is moved, it takes now.
   *
   * @returns false the first time, if that was no little plain data
   */
  keep(): boolean {
    if (this.isKept) return true;
    this.isKept = true;
    try {
      const little = keepLittle(this.envelope);
      this.isLarge = little === undefined;
      this.envelope = little ?? keepEnvelope(this.envelope);
      return little !== undefined;
    } catch (error) {
      this.fail(callRefusal(this, error));
      return true;
    }
  }

  /** True when it is to run again after its worker was lost. */
  get mayRunAgain(): boolean {
    return this.lossesLeft > 0;
  }

  /** True when what it carries is moved: once it was sent, it cannot be sent again. */
  get isMoved(): boolean {
    return this.envelope.args.transfer !== undefined;
  }

  /**
   * Calls `stop` if its worker still runs it when the grace is over; without a signal among its arguments the
   * method cannot hear of an abort, and has no grace. While its module is imported it does not run: others need
   * the module too, and would never get it where each of them is given up before the import ends.
   */
  afterGrace(stop: () => void): void {
    const graceMs = this.hasSignal ? (this.options.graceMs ?? DEFAULT_GRACE_MS) : 0;
    let isImporting = false;
    const look = (): void => {
      const { worker } = this;
      if (!worker) return;
      const wasImporting = isImporting;
      isImporting = worker.importer === this;
      // Or the outcomes of calls before it have not been read yet.
      if (isImporting || worker.head !== this) lookIn(AGAIN_MS);
      else if (wasImporting) lookIn(graceMs);
      else stop();
    };
    // The call in flight keeps this process alive; the timer alone must not.
    const lookIn = (ms: number): void => void afterReading(ms, look).unref();
    // Its time is over, and what came by then was read: the caller, who hears next, may not leave the loop a turn.
    if (this.runs && !this.hasSignal) look();
    else lookIn(graceMs);
  }

  /** Its worker runs it, or is about to: to say so again changes nothing. */
  begin(): void {
    if (this.settled) return;
    this.runs = true;
    const { timeoutMs } = this.options;
    if (timeoutMs === undefined || timeoutMs === Infinity || this.runTimer) return;
    const timer = afterReading(timeoutMs, () => {
      if (this.runTimer === timer) this.timeOut('timeoutMs');
    });
    this.runTimer = timer;
  }

  /** It does not run now: its time begins anew with {@link begin}. */
  pause(): void {
    if (!this.runTimer) return;
    clearTimeout(this.runTimer);
    this.runTimer = undefined;
  }

  /** It had not begun after all, or runs again. */
  waitAgain(): void {
    this.runs = false;
    this.pause();
    if (this.isOverdue) this.timeOut('queueTimeoutMs');
  }

  fulfill(value: unknown): void {
    if (this.settle(true)) this.resolve(value);
  }

  fail(reason: unknown): void {
    if (this.settle(false)) this.reject(reason);
  }

  /** Answers the caller now, and has the pool stop the call. */
  giveUp(reason: unknown): void {
    if (this.settled) return;
    this.fail(reason);
    this.owner.onGivenUp(this, reason);
  }

  /** True when it may run again after its worker was lost. */
  takeRetry(): boolean {
    if (this.settled || this.lossesLeft-- <= 0) return false;
    // It has had its turn.
    clearTimeout(this.queueTimer);
    this.queueTimer = undefined;
    this.isOverdue = false;
    return true;
  }

  /**
   * It has waited for as long as it may. A process may yet begin what it was sent, until it has given it back: the
   * caller hears then, or when nothing more is to be heard of it.
   */
  private overdue(): void {
    // It may have been lost meanwhile, and run again.
    this.isOverdue = this.queueTimer !== undefined;
    if (!this.isOverdue || this.runs || this.settled) return;
    this.worker?.link.takeBack([this.id]);
    if (!this.worker) this.timeOut('queueTimeoutMs');
    else
      this.queueTimer = afterReading(DEFAULT_GRACE_MS, () => {
        if (this.queueTimer && !this.runs) this.timeOut('queueTimeoutMs');
      });
  }

  private timeOut(option: 'timeoutMs' | 'queueTimeoutMs'): void {
    const ms = this.options[option];
    const what =
      option === 'timeoutMs' ? 'ran for longer than its' : 'waited for a worker for longer than its';
    this.giveUp(new CallTimeoutError(`${this.name} ${what} ${option} of ${ms} ms.`));
  }

  private settle(fulfilled: boolean): boolean {
    if (this.settled) return false;
    this.settled = true;
    this.pause();
    if (this.queueTimer) clearTimeout(this.queueTimer);
    this.unsubscribe?.();
    this.owner.onSettled(this, fulfilled);
    return true;
  }
}
