// Runs two calls, and finishes them when a signal asks it to end.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  isWorker,
  registerExecutor,
  runInExecutor,
  shutdownExecutors,
  ProcessExecutor,
  ThreadExecutor,
} from 'offloop';

const work = runInExecutor('work', (folder, name) => {
  writeFileSync(join(folder, name), '');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700);
  return 'ended';
});

if (!isWorker) {
  const make = process.argv[2] === 'threads' ? () => new ThreadExecutor() : () => new ProcessExecutor();
  registerExecutor('work', { useFactory: make });
  const folder = mkdtempSync(join(tmpdir(), 'offloop-'));
  const calls = Promise.all([work(folder, 'a'), work(folder, 'b')]);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']) {
    process.once(signal, () => {
      console.log(signal);
      void shutdownExecutors();
    });
  }
  while (readdirSync(folder).length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  rmSync(folder, { recursive: true });
  console.log('begun');
  console.log(JSON.stringify(await calls));
}
