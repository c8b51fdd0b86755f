import { CLAIM_SLOTS } from '../calls/claims';
import { clock } from '../calls/clock';
import { clearTimeout, setTimeout } from 'node:timers';
import type { Link } from './link';
import type { PendingCall } from './pending-call';

/** A worker without a call for so long has paused. */
const PAUSE_MS = 1;

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
  readonly calls = new Map<number, PendingCall>();
  /** The callables of calls that have ended since the pool last looked. */
  readonly ended: number[] = [];
  /** When it last began or ended a call. */
  lastProgress = clock.now();
  /** Since when it has had calls without a pause worth the name. */
  busySince = clock.now();
  /** How many calls it was ever sent. */
  sent = 0;
  link!: Link;
  #nextId = 1;
  #watchTimer: NodeJS.Timeout | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #idleSince = 0;

  constructor(readonly id: number) {}

  get isIdle(): boolean {
    return this.calls.size === 0 && this.state === 'running' && !this.tainted;
  }

  /** The call that it runs now, or runs next. */
  get head(): PendingCall | undefined {
    for (const call of this.calls.values()) return call;
    return undefined;
  }

  /** It has begun or ended a call; returns the milliseconds since the last time. */
  progressed(): number {
    const now = clock.now();
    const elapsed = now - this.lastProgress;
    this.lastProgress = now;
    return elapsed;
  }

  /** Calls `onLate` unless it is called again within `ms`. */
  watch(ms: number, onLate?: () => void): void {
    clearTimeout(this.#watchTimer);
    if (onLate && ms !== Infinity) this.#watchTimer = setTimeout(onLate, ms).unref();
  }

  /** Sends calls; those that the boundary refuses fail with its error. */
  send(calls: readonly PendingCall[]): void {
    if (this.calls.size === 0) {
      if (this.progressed() > PAUSE_MS) this.busySince = this.lastProgress;
      this.link.setReferenced(true);
    }
    for (const call of calls) {
      call.id = this.#nextId++;
      call.worker = this;
      this.calls.set(call.id, call);
    }
    this.sent += calls.length;
    for (const { call, error } of this.link.send(calls)) {
      this.release(call as PendingCall);
      (call as PendingCall).fail(error);
    }
    if (this.state === 'running') this.head?.begin();
  }

  /** The call has ended here, or was taken back. */
  release(call: PendingCall): void {
    this.calls.delete(call.id);
    call.worker = undefined;
    if (this.calls.size === 0) this.link.setReferenced(false);
  }

  /** How many ids it may be ahead of its oldest call. */
  get reach(): number {
    const oldest = this.head;
    return oldest ? CLAIM_SLOTS - (this.#nextId - oldest.id) : CLAIM_SLOTS;
  }

  /** Asks for the calls back that have not begun, all but the first `keep`. */
  takeBack(keep = 1): void {
    if (this.calls.size > keep) this.link.takeBack([...this.calls.keys()].slice(keep).reverse());
  }

  /**
   * Calls `onIdle` once it has been without a call for `ms`. The timer is left to run while calls come and
   * go, and looks at the clock when it fires: setting it anew for each call would cost more than the call.
   */
  watchIdle(ms: number, onIdle: () => void): void {
    this.#idleSince = clock.now();
    if (this.#idleTimer || ms === Infinity) return;
    const wait = (delay: number): NodeJS.Timeout =>
      setTimeout(() => {
        this.#idleTimer = undefined;
        if (!this.isIdle) return;
        const left = this.#idleSince + ms - clock.now();
        if (left > 0.5) this.#idleTimer = wait(left);
        else onIdle();
      }, delay).unref();
    this.#idleTimer = wait(ms);
  }

  close(): void {
    if (this.state !== 'running' && this.state !== 'starting') return;
    this.state = 'closing';
    clearTimeout(this.#idleTimer);
    this.link.close(this.tainted);
  }
}
