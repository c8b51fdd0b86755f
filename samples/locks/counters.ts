import { RunInExecutor } from 'offloop';
import type { Lock } from 'offloop/sync';

/** Reads, works and writes: between the two, another thread may have written. */
function increment(counter: Int32Array): void {
  const value = counter[0];
  for (let work = 0; work < 50; work++);
  counter[0] = value + 1;
}

export class Counters {
  @RunInExecutor('counters')
  static async unguarded(counter: Int32Array, times: number): Promise<void> {
    for (let index = 0; index < times; index++) increment(counter);
  }

  @RunInExecutor('counters')
  static async guarded(counter: Int32Array, times: number, lock: Lock): Promise<void> {
    for (let index = 0; index < times; index++) lock.runSync(() => increment(counter));
  }
}
