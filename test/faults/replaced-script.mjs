// Executors with `minWorkers` whose calls outlast the drain timeout; reports how many threads are left afterwards.
import { setImmediate } from 'node:timers/promises';
import { isWorker, registerExecutor, runInExecutor, ThreadExecutor } from 'offloop';

const spin = runInExecutor('replaced', () => {
  for (;;);
});
const echo = runInExecutor('replaced', (value) => value);

async function main() {
  const threads = [];
  process.on('worker', (thread) => {
    threads.push(new Promise((resolve) => thread.on('exit', resolve)));
    thread.on('exit', () => ended++);
  });
  let ended = 0;
  for (let round = 0; round < 3; round++) {
    const executor = new ThreadExecutor({ minWorkers: 2, maxWorkers: 2 });
    registerExecutor('replaced', { useValue: executor });
    await echo(1);
    const lost = spin().catch(() => undefined);
    await Promise.all([executor.shutdown(), executor.shutdown({ drainTimeoutMs: 20 })]);
    await lost;
  }
  await Promise.all(threads);
  // What took their place would have been made by now.
  await setImmediate();
  console.log(threads.length - ended);
}

if (!isWorker) await main();
