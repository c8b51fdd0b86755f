// Executors, and a synchronous view, that start their workers for a call with an async context of its own; reports how many of these are held.
import { AsyncLocalStorage } from 'node:async_hooks';
import { isWorker, ProcessExecutor, runInExecutor, ThreadExecutor } from 'offloop';
import { asyncToSync } from 'offloop/sync';

const double = runInExecutor('contexts', (value) => value * 2);
const doubleInPlace = asyncToSync(double);

async function callOnce(executor) {
  for await (const result of executor.map(double, [1])) void result;
}

async function main([kind]) {
  const Executor = kind === 'threads' ? ThreadExecutor : ProcessExecutor;
  const requests = new AsyncLocalStorage();
  const refs = [];
  for (let index = 0; index < 6; index++) {
    const executor = new Executor({ maxWorkers: 1 });
    const request = { index };
    refs.push(new WeakRef(request));
    await requests.run(request, () => callOnce(executor));
    if (requests.getStore() !== undefined) throw new Error('the context has leaked');
    await callOnce(executor);
    if (index === 0) requests.run(request, () => doubleInPlace(1));
  }
  // What a WeakRef was made of is held until the end of the job.
  for (let pass = 0; pass < 5; pass++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    globalThis.gc();
  }
  console.log(JSON.stringify(refs.map((ref) => ref.deref()?.index).filter((index) => index !== undefined)));
}

if (!isWorker) await main(process.argv.slice(2));
