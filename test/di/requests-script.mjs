// Each request has a container with an executor of its own, and drops it; reports how many executors are left.
import 'reflect-metadata';
import { container } from 'tsyringe';
import { Executor, isWorker, registerExecutor, runInExecutor, withContainer } from 'offloop';

const refs = [];

class OfRequest extends Executor {
  constructor() {
    super();
    refs.push(new WeakRef(this));
  }

  submit(call) {
    return call.run();
  }
}

const double = runInExecutor('of request', (value) => value * 2);

async function main() {
  for (let request = 0; request < 1_000; request++) {
    const child = container.createChildContainer();
    registerExecutor('of request', { useClass: OfRequest }, child);
    await withContainer(child, () => double(request));
  }
  await new Promise((resolve) => setTimeout(resolve, 10));
  globalThis.gc();
  const left = refs.filter((ref) => ref.deref()).length;
  console.log(JSON.stringify({ made: refs.length, left }));
}

if (!isWorker) await main();
