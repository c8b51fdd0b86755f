// Executors whose workers end in each of several ways, with a long idleTimeoutMs; reports how many are held afterwards.
import { isWorker, ProcessExecutor, runInExecutor, ThreadExecutor } from 'offloop';

const double = runInExecutor('ended', (value) => value * 2);
const crash = runInExecutor('ended', () => process.exit(3));

const hour = 3_600_000;

async function all(executor, fn) {
  for await (const result of executor.map(fn, [1])) void result;
}

const ends = {
  async lost(executor) {
    await all(executor, double);
    await all(executor, crash).catch(() => undefined);
    await executor.shutdown();
  },
  async closedAsItStarts(executor) {
    const ended = all(executor, double).catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    await executor.shutdown({ cancelPending: true });
    await ended;
  },
};

async function main([kind]) {
  const Executor = kind === 'threads' ? ThreadExecutor : ProcessExecutor;
  const refs = Object.fromEntries(Object.keys(ends).map((name) => [name, []]));
  for (const [name, end] of Object.entries(ends)) {
    for (let round = 0; round < 6; round++) {
      const executor = new Executor({ idleTimeoutMs: hour });
      refs[name].push(new WeakRef(executor));
      await end(executor);
    }
  }
  const held = () =>
    Object.fromEntries(
      Object.entries(refs).map(([name, made]) => [name, made.filter((ref) => ref.deref()).length]),
    );
  // Streams close in turns of their own, and the engine may keep the last one on its stack.
  for (const end = Date.now() + 10_000; Date.now() < end;) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    globalThis.gc();
    if (Object.values(held()).every((count) => count <= 1)) break;
  }
  console.log(JSON.stringify(held()));
}

if (!isWorker) await main(process.argv.slice(2));
