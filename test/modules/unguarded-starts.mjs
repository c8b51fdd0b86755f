import { isWorker, ProcessExecutor, runInExecutor, ThreadExecutor, verifyExecutors } from 'offloop';

// Workers have the environment of who starts them.
if (process.env.IN_WORKER) throw new Error('a worker has started a worker');
if (isWorker) process.env.IN_WORKER = 'yes';
process.env.STARTS ??= process.argv[2];

const answer = runInExecutor('thread', function answer() {
  return 42;
});

const starts = {
  'a map in threads': () => new ThreadExecutor({ maxWorkers: 1 }).map(answer, [1]).next(),
  'a map in processes': () => new ProcessExecutor({ maxWorkers: 1 }).map(answer, [1]).next(),
  verifyExecutors,
};

await starts[process.env.STARTS]().catch((error) => {
  const { code, message } = error.errors?.[0] ?? error;
  if (isWorker) throw error;
  console.log(code, message);
});
