// Makes many calls, some of which fail, time out or are aborted, and compares what the process holds.
import { isWorker, ProcessExecutor, registerExecutor, runInExecutor, ThreadExecutor } from 'offloop';

const work = runInExecutor('leaks', async (value, signal) => {
  if (value.fails) throw new RangeError('on purpose');
  return { ...value, signal: signal?.aborted };
});

async function calls(count) {
  let next = 0;
  const { signal } = new AbortController();
  await Promise.all(
    Array.from({ length: 200 }, async () => {
      while (next < count) {
        const id = next++;
        await work(
          { id, text: 'x'.repeat(200), fails: id % 50 === 0 },
          id % 10 === 0 ? signal : undefined,
        ).catch(() => undefined);
      }
    }),
  );
  return signal;
}

/** What is left when all that can be collected was: the engine clears some of it in a second pass. */
async function collect() {
  for (let pass = 0; pass < 3; pass++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    globalThis.gc();
  }
}

async function usage() {
  await collect();
  const handles = {};
  for (const name of process.getActiveResourcesInfo()) {
    // The executors' own look after their queues comes and goes.
    if (name !== 'Timeout' && name !== 'Immediate') handles[name] = (handles[name] ?? 0) + 1;
  }
  let listeners = 0;
  for (const name of process.eventNames()) listeners += process.listenerCount(name);
  return { heapMb: process.memoryUsage().heapUsed / 1024 / 1024, handles, listeners };
}

async function main([kind, count]) {
  const executor =
    kind === 'threads' ? new ThreadExecutor({ maxWorkers: 2 }) : new ProcessExecutor({ maxWorkers: 2 });
  registerExecutor('leaks', { useValue: executor });
  await calls(20_000);
  const before = await usage();
  await calls(Number(count));
  const after = await usage();

  const held = [];
  for (let index = 0; index < 100; index++) {
    const argument = { index };
    const result = await work(argument);
    held.push(new WeakRef(argument), new WeakRef(result));
  }
  // What a WeakRef was made of is held until the end of the job.
  await collect();
  const collected = held.filter((ref) => ref.deref() === undefined).length;
  console.log(JSON.stringify({ before, after, collected }));
}

if (!isWorker) await main(process.argv.slice(2));
