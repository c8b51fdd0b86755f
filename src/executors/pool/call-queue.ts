import { Fifo } from '../../calls/fifo';
import type { PendingCall } from './pending-call';

/** What a queue needs to know of a call to tell whether it may run. */
export type Queued = Pick<PendingCall, 'callable' | 'options'>;

/** The calls of a method that may run only so often at a time. */
interface Limited {
  readonly concurrency: number;
  running: number;
  /** How many wait, those that are held among them. */
  waiting: number;
  /** They have come to their turn, and wait for others of their method. */
  held: Fifo<PendingCall>;
}

/** Above this many settled calls, and when they are the more, they are dropped. */
const SETTLED_AT = 64;

/**
 * The calls that wait for a worker, oldest first. Calls that are settled while they wait are passed over, and
 * those of a method that runs as often as its `concurrency` allows are held until one of them has ended.
 */
export class CallQueue {
  #items = new Fifo<PendingCall>();
  #size = 0;
  /** How many calls are here still, although they are settled. */
  #settled = 0;
  /** By the index of the callable. */
  readonly #limited = new Map<number, Limited>();

  constructor(private readonly maxWorkers: number) {}

  /** True when fewer calls of the method may run at once than there are workers, each of which runs one. */
  isLimited({ options: { concurrency } }: Queued): boolean {
    return concurrency !== undefined && concurrency < this.maxWorkers;
  }

  /** How many calls wait. */
  get size(): number {
    return this.#size;
  }

  /** How many of them wait for others of their method, whatever workers there are. */
  get held(): number {
    let held = 0;
    for (const { concurrency, running, waiting } of this.#limited.values())
      held += Math.max(0, waiting - (concurrency - running));
    return held;
  }

  /** True when a call more would not have to wait for others of its method. */
  mayRun(call: Queued): boolean {
    const limited = this.#limitedOf(call);
    return !limited || limited.running + limited.waiting < limited.concurrency;
  }

  push(call: PendingCall): void {
    this.#items.push(call);
    this.#countWaiting(call, 1);
    call.isWaiting = true;
  }

  /** Puts calls back that {@link takeFirst} had handed out, in their order. */
  putBack(calls: readonly PendingCall[]): void {
    const held: PendingCall[] = [];
    for (const call of calls) {
      const limited = this.#limitedOf(call);
      if (!limited) continue;
      limited.running--;
      held.push(...this.#takeHeld(limited));
    }
    this.#insert([...calls, ...held]);
  }

  /** The calls that were held for others of their method. */
  #takeHeld(limited: Limited): PendingCall[] {
    const held = limited.held.toArray();
    limited.held = new Fifo();
    const live = held.filter((call) => !call.settled);
    this.#settled -= held.length - live.length;
    for (const call of live) this.#countWaiting(call, -1);
    return live;
  }

  /** A call that waits was settled. */
  settled(call: PendingCall): void {
    this.#countWaiting(call, -1);
    if (++this.#settled > SETTLED_AT && this.#settled > this.#size) this.#dropSettled();
  }

  #dropSettled(): void {
    const unsettled = (calls: Fifo<PendingCall>): Fifo<PendingCall> =>
      new Fifo(calls.toArray().filter((call) => !call.settled));
    this.#items = unsettled(this.#items);
    for (const limited of this.#limited.values()) limited.held = unsettled(limited.held);
    this.#settled = 0;
  }

  /** A call that {@link takeFirst} had handed out has ended: one that was held for it may run. */
  ended(call: PendingCall): void {
    const limited = this.#limitedOf(call);
    if (!limited) return;
    limited.running--;
    const { held } = limited;
    let next = held.shift();
    for (; next?.settled; next = held.shift()) this.#settled--;
    if (!next) return;
    this.#countWaiting(next, -1);
    this.#insert([next]);
  }

  /** The oldest call that may run now. */
  peek(): PendingCall | undefined {
    for (let call = this.#items.first; call; call = this.#items.first) {
      const limited = this.#limitedOf(call);
      if (call.settled) this.#settled--;
      else if (limited && limited.running >= limited.concurrency) limited.held.push(call);
      else return call;
      this.#items.shift();
    }
    return undefined;
  }

  /** Hands out the call that {@link peek} has told. */
  takeFirst(call: PendingCall): void {
    this.#items.shift();
    this.#countWaiting(call, -1);
    call.isWaiting = false;
    const limited = this.#limitedOf(call);
    if (limited) limited.running++;
  }

  /**
   * Hands out up to `count` calls, the oldest first. Where one is of another method than the one before,
   * `mayJoin` says whether it may join so many.
   */
  shiftRun(count: number, mayJoin: (call: PendingCall, joined: number) => boolean): PendingCall[] {
    const run: PendingCall[] = [];
    let last: PendingCall | undefined;
    while (run.length < count) {
      const next = this.peek();
      if (!next) break;
      const isOther = last?.options !== next.options || next.isMoved;
      if (last && isOther && !mayJoin(next, run.length)) break;
      last = next;
      run.push(next);
      this.takeFirst(next);
    }
    return run;
  }

  /** Takes out all calls that `matches` accepts. */
  takeAll(matches: (call: PendingCall) => boolean = () => true): PendingCall[] {
    const live = this.#items.toArray().filter((call) => !call.settled);
    for (const limited of this.#limited.values()) {
      live.push(...limited.held.toArray().filter((call) => !call.settled));
      limited.held = new Fifo();
    }
    const taken = live.filter(matches);
    for (const call of taken) {
      this.#countWaiting(call, -1);
      call.isWaiting = false;
    }
    this.#items = new Fifo(live.filter((call) => call.isWaiting));
    this.#settled = 0;
    return taken;
  }

  #insert(calls: readonly PendingCall[]): void {
    this.#items.putBack(calls);
    for (const call of calls) {
      this.#countWaiting(call, 1);
      call.isWaiting = true;
    }
  }

  #countWaiting(call: PendingCall, by: 1 | -1): void {
    this.#size += by;
    const limited = this.#limitedOf(call);
    if (limited) limited.waiting += by;
  }

  #limitedOf(call: Queued): Limited | undefined {
    if (!this.isLimited(call)) return undefined;
    const { callable, options } = call;
    let limited = this.#limited.get(callable.index);
    if (!limited) {
      limited = { concurrency: options.concurrency as number, running: 0, waiting: 0, held: new Fifo() };
      this.#limited.set(callable.index, limited);
    }
    return limited;
  }
}
