import 'reflect-metadata';
import { isWorker, runInExecutor } from 'offloop';
import { asyncToSync } from 'offloop/sync';

const later = asyncToSync(
  runInExecutor('thread', async function later(ms) {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return 'later';
  }),
  { warnAfterMs: 5 },
);

if (!isWorker) {
  const begin = performance.now();
  console.log(later(50));
  process.on('exit', () => console.log(performance.now() - begin < 5_000));
}
