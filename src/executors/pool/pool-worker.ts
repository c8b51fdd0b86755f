import { CLAIM_SLOTS } from '../../calls/wire/claims';
import { clearTimeout, clock, setTimeout } from '../../calls/clock';
import { outsideCalls } from '../../calls/outside-calls';
import type { Link, RefusedCall } from '../links/link';
import type { PendingCall } from './pending-call';

/** A worker without a call for so long has paused. */
const PAUSE_MS = 1;
/** Claims and records have no room for larger numbers of calls: the worker is replaced before. */
const LAST_ID = 2 ** 28;

/**
 * The life of a worker, as its pool sees it:
 *
 *   STARTING --ready--> RUNNING --idle, tainted, shutdown--> CLOSING --> ENDED
 *       |                  |                                    |
 *       +--start failed----+------------- lost -----------------+----> ENDED
 */
export type WorkerState = 'starting' | 'running' | 'closing' | 'ended';

/** One worker of a pool, and the calls that it has, in the order in which it runs them. */
export class PoolWorker {
  state: WorkerState = 'starting';
  /** Takes no more calls, and closes when it has none. */
  tainted = false;
  /** How many calls it has. */
  held = 0;
  /** Calls have ended since the pool last looked. */
  hasProgressed = false;
  /** Since when it could run calls: it is there, and has imported what they need. */
  readySince = 0;
  /** When it last began or ended a call. */
  lastProgress = clock.now();
  /** Since when it has had calls without a pause worth the name. */
  busySince = clock.now();
  /** How many calls it was ever sent. */
  sent = 0;
  link!: Link;
  /** The call for which it is importing a module. */
  importer: PendingCall | undefined;
  /** The calls that it has, each at the place that its id has. */
  readonly #calls: (PendingCall | undefined)[] = new Array<undefined>(CLAIM_SLOTS).fill(undefined);
  /** No call before this one is left. */
  #oldestId = 1;
  /** The last one that has ended: the worker has taken all before it. */
  #lastEnded = 0;
  #nextId = 1;
  #watchTimer: NodeJS.Timeout | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #idleSince = 0;

  constructor(readonly id: number) {}

  get isIdle(): boolean {
    return this.held === 0 && this.state === 'running' && !this.tainted;
  }

  /** The call that it runs now, or runs next. */
  get head(): PendingCall | undefined {
    return this.callOf(this.#oldest());
  }

  /** It runs the oldest of its calls, unless it imports a module for it first. */
  beginHead(): void {
    const { head } = this;
    if (head !== this.importer) head?.begin();
  }

  /** The calls that it has, in their order. */
  get calls(): PendingCall[] {
    const calls: PendingCall[] = [];
    for (let id = this.#oldest(); id < this.#nextId; id++) {
      const call = this.callOf(id);
      if (call) calls.push(call);
    }
    return calls;
  }

  callOf(id: number): PendingCall | undefined {
    const call = this.#calls[id % CLAIM_SLOTS];
    return call?.id === id ? call : undefined;
  }

  #oldest(): number {
    while (this.#oldestId < this.#nextId && !this.callOf(this.#oldestId)) this.#oldestId++;
    return this.#oldestId;
  }

  /** It can run calls from now on: it was not busy before. */
  mayRun(): void {
    this.readySince = this.busySince = this.lastProgress = clock.now();
  }

  /** It has begun or ended a call. */
  progressed(): void {
    this.lastProgress = clock.now();
  }

  /** Calls `onLate` unless it is called again within `ms`. */
  watch(ms: number, onLate?: () => void): void {
    clearTimeout(this.#watchTimer);
    if (onLate && ms !== Infinity) this.#watchTimer = setTimeout(onLate, ms).unref();
  }

  /** Sends calls; returns those that the boundary refuses. */
  send(calls: readonly PendingCall[]): readonly RefusedCall[] {
    if (this.held === 0) {
      const now = clock.now();
      this.busySince = now > this.lastProgress + PAUSE_MS ? now : this.busySince;
      this.lastProgress = now;
      this.link.setReferenced(true);
    }
    for (const call of calls) {
      call.id = this.#nextId++;
      call.worker = this;
      this.#calls[call.id % CLAIM_SLOTS] = call;
    }
    this.held += calls.length;
    this.sent += calls.length;
    return this.link.send(calls);
  }

  /** The worker has answered the call. */
  ended(call: PendingCall): void {
    if (call.id > this.#lastEnded) this.#lastEnded = call.id;
    this.hasProgressed = true;
  }

  /** The call has left: it has ended, or was taken back. */
  release(call: PendingCall): void {
    this.#calls[call.id % CLAIM_SLOTS] = undefined;
    call.worker = undefined;
    if (--this.held === 0) this.link.setReferenced(false);
  }

  /** True when it has no numbers left for calls. */
  get isSpent(): boolean {
    return this.#nextId >= LAST_ID;
  }

  /** How many calls more it may be sent: those that were taken back count until it has passed over them. */
  get reach(): number {
    if (this.isSpent) return 0;
    const reach = CLAIM_SLOTS - (this.#nextId - 1 - this.#lastEnded);
    // Each keeps its place here until it has left: outcomes come by two ways, and one may overtake the other.
    if (this.held > 0) return Math.min(reach, CLAIM_SLOTS - (this.#nextId - this.#oldest()));
    if (reach > 0 || !this.link.hasReadAll) return reach;
    this.#lastEnded = this.#nextId - 1;
    return CLAIM_SLOTS;
  }

  /** Asks for the calls back that have not begun, all but the first. */
  takeBack(): void {
    if (this.held <= 1) return;
    const ids = this.calls.slice(1).map((call) => call.id);
    this.link.takeBack(ids.reverse());
  }

  /**
   * Calls `onIdle` once it has been without a call for `ms`. The timer is left to run while calls come and
   * go, and looks at the clock when it fires: setting it anew for each call would cost more than the call.
   */
  watchIdle(ms: number, onIdle: () => void): void {
    this.#idleSince = clock.now();
    // One that closes may still say that it is ready.
    if (this.#idleTimer || ms === Infinity || !this.isIdle) return;
    const wait = (delay: number): NodeJS.Timeout =>
      setTimeout(() => {
        this.#idleTimer = undefined;
        if (!this.isIdle) return;
        const left = this.#idleSince + ms - clock.now();
        if (left > 0.5) this.#idleTimer = wait(left);
        else onIdle();
      }, delay).unref();
    this.#idleTimer = outsideCalls(() => wait(ms));
  }

  close(): void {
    if (this.state !== 'running' && this.state !== 'starting') return;
    this.state = 'closing';
    clearTimeout(this.#idleTimer);
    this.link.close();
  }

  /** It is gone: no timer keeps it, and its executor, any longer. */
  end(): void {
    this.state = 'ended';
    clearTimeout(this.#watchTimer);
    clearTimeout(this.#idleTimer);
  }
}
