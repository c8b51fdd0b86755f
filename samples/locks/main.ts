/** A counter in memory that two threads share: wrong without a lock, right with one. */
import 'reflect-metadata';
import { registerExecutor, ThreadExecutor } from 'offloop';
import { Lock } from 'offloop/sync';
import { Counters } from './counters';

const short = process.argv.includes('--short');

async function count(
  name: string,
  times: number,
  run: (counter: Int32Array) => Promise<void>,
): Promise<number> {
  const counter = new Int32Array(new SharedArrayBuffer(4));
  const begin = performance.now();
  await Promise.all([run(counter), run(counter)]);
  const took = Math.round(performance.now() - begin);
  console.log(`${name}: counted ${counter[0]} of ${2 * times} in ${took} ms`);
  return 2 * times - counter[0];
}

async function main(): Promise<void> {
  // Two threads that have started already, so that they really run side by side.
  await Promise.all([1, 2].map(() => Counters.unguarded(new Int32Array(new SharedArrayBuffer(4)), 100)));
  let lost = 0;
  // Two threads on one core may happen to take turns: try again.
  for (let attempt = 0; lost === 0 && attempt < 20; attempt++) {
    const times = 1_000_000 * (attempt + 1);
    lost = await count('without a lock', times, (counter) => Counters.unguarded(counter, times));
  }
  const lock = new Lock();
  const times = short ? 5_000 : 100_000;
  await count('with a lock', times, (counter) => Counters.guarded(counter, times, lock));
}

registerExecutor('counters', { useFactory: () => new ThreadExecutor({ maxWorkers: 2, minWorkers: 2 }) });
void main();
