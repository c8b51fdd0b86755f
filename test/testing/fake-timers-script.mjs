// Of the fake timers that replace what `node:timers` exports too, those of Node.js are at hand.
import 'reflect-metadata';
import { mock } from 'node:test';
import { cooperative, isWorker, pause, runInExecutor, shutdownExecutors } from 'offloop';
import { Queue } from 'offloop/sync';

const spin = runInExecutor(
  'thread',
  function spin() {
    for (;;);
  },
  { timeoutMs: 50 },
);
const add = runInExecutor('process', (left, right) => left + right);
const steps = cooperative(1, function* (count) {
  for (let step = 0; step < count; step++) yield;
  return count;
});

async function main() {
  const hangs = setTimeout(() => process.exit(1), 20_000);
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate'] });
  console.log(await steps(10));
  await pause();
  console.log(await add(1, 2));
  console.log(await spin().catch(({ code }) => code));
  console.log(await new Queue().get({ timeoutMs: 50 }).catch(({ code }) => code));
  await shutdownExecutors();
  mock.timers.reset();
  clearTimeout(hangs);
}

if (!isWorker) await main();
