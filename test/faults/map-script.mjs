// Sends many calls through map, and reports the heap after each tenth of them.
import { isWorker, ProcessExecutor, registerExecutor, runInExecutor, ThreadExecutor } from 'offloop';

const double = runInExecutor('map', (value) => value * 2);

async function main([kind, count]) {
  const executor = kind === 'threads' ? new ThreadExecutor() : new ProcessExecutor();
  registerExecutor('map', { useValue: executor });
  const items = (function* () {
    for (let value = 0; value < Number(count); value++) yield value;
  })();
  const heapMb = [];
  let sum = 0;
  let seen = 0;
  for await (const result of executor.map(double, items, { concurrency: 256 })) {
    sum += result;
    if (++seen % (Number(count) / 10) > 0) continue;
    globalThis.gc();
    heapMb.push(process.memoryUsage().heapUsed / 1024 / 1024);
  }
  console.log(JSON.stringify({ sum, heapMb }));
}

if (!isWorker) await main(process.argv.slice(2));
