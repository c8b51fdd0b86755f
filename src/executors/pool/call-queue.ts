import { Fifo } from '../../calls/fifo';
import type { PendingCall } from './pending-call';

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
  /** How many calls of a method with a limit run, and which are held, by the index of the callable. */
  readonly #running = new Map<number, number>();
  readonly #held = new Map<number, Fifo<PendingCall>>();

  constructor(private readonly maxWorkers: number) {}

  /** True when fewer calls of the method may run at once than there are workers, each of which runs one. */
  isLimited({ options: { concurrency } }: PendingCall): boolean {
    return concurrency !== undefined && concurrency < this.maxWorkers;
  }

  /** How many calls wait. */
  get size(): number {
    return this.#size;
  }

  push(call: PendingCall): void {
    this.#items.push(call);
    this.#size++;
    call.isWaiting = true;
  }

  /** Puts calls back that {@link takeFirst} had handed out, in their order. */
  putBack(calls: readonly PendingCall[]): void {
    const held: PendingCall[] = [];
    for (const call of calls) {
      this.#countRunning(call, -1);
      held.push(...this.#takeHeld(call.callable.index));
    }
    this.#insert([...calls, ...held]);
  }

  /** The calls that were held for others of their method. */
  #takeHeld(callable: number): PendingCall[] {
    const held = this.#held.get(callable)?.toArray();
    if (!held) return [];
    this.#held.delete(callable);
    const live = held.filter((call) => !call.settled);
    this.#settled -= held.length - live.length;
    this.#size -= live.length;
    return live;
  }

  /** A call that waits was settled. */
  settled(): void {
    this.#size--;
    if (++this.#settled > SETTLED_AT && this.#settled > this.#size) this.#dropSettled();
  }

  #dropSettled(): void {
    const unsettled = (calls: Fifo<PendingCall>): Fifo<PendingCall> =>
      new Fifo(calls.toArray().filter((call) => !call.settled));
    this.#items = unsettled(this.#items);
    for (const [index, held] of this.#held) this.#held.set(index, unsettled(held));
    this.#settled = 0;
  }

  /** A call that {@link takeFirst} had handed out has ended: one that was held for it may run. */
  ended(call: PendingCall): void {
    if (!this.isLimited(call)) return;
    this.#countRunning(call, -1);
    const held = this.#held.get(call.callable.index);
    if (!held) return;
    let next = held.shift();
    for (; next?.settled; next = held.shift()) this.#settled--;
    if (held.size === 0) this.#held.delete(call.callable.index);
    if (!next) return;
    this.#size--;
    this.#insert([next]);
  }

  /** The oldest call that may run now. */
  peek(): PendingCall | undefined {
    for (let call = this.#items.first; call; call = this.#items.first) {
      if (call.settled) this.#settled--;
      else if (this.#isAtLimit(call)) this.#hold(call);
      else return call;
      this.#items.shift();
    }
    return undefined;
  }

  /** Hands out the call that {@link peek} has told. */
  takeFirst(call: PendingCall): void {
    this.#items.shift();
    this.#size--;
    call.isWaiting = false;
    this.#countRunning(call, 1);
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
    const all = [this.#items, ...this.#held.values()].flatMap((calls) => calls.toArray());
    const live = all.filter((call) => !call.settled);
    const taken = live.filter(matches);
    for (const call of taken) call.isWaiting = false;
    this.#held.clear();
    this.#items = new Fifo(live.filter((call) => call.isWaiting));
    this.#size = this.#items.size;
    this.#settled = 0;
    return taken;
  }

  #insert(calls: readonly PendingCall[]): void {
    this.#items.putBack(calls);
    this.#size += calls.length;
    for (const call of calls) call.isWaiting = true;
  }

  #isAtLimit(call: PendingCall): boolean {
    const { concurrency = Infinity } = call.options;
    return this.isLimited(call) && (this.#running.get(call.callable.index) ?? 0) >= concurrency;
  }

  #hold(call: PendingCall): void {
    const held = this.#held.get(call.callable.index);
    if (held) held.push(call);
    else this.#held.set(call.callable.index, new Fifo([call]));
  }

  #countRunning(call: PendingCall, by: 1 | -1): void {
    if (!this.isLimited(call)) return;
    const { index } = call.callable;
    this.#running.set(index, (this.#running.get(index) ?? 0) + by);
  }
}
