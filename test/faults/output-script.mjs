// Writes a megabyte to each of the streams in a worker, and shuts down at once or has nothing else to do.
import { isWorker, ProcessExecutor, registerExecutor, runInExecutor, ThreadExecutor } from 'offloop';

const write = runInExecutor('output', () => {
  for (let line = 0; line < 1024; line++) {
    process.stdout.write(`${'o'.repeat(1023)}\n`);
    process.stderr.write(`${'e'.repeat(1023)}\n`);
  }
});

if (!isWorker) {
  const executor = process.argv[2] === 'threads' ? new ThreadExecutor() : new ProcessExecutor();
  registerExecutor('output', { useValue: executor });
  await write();
  if (process.argv[3] === 'shutdown') await executor.shutdown();
}
