import { isWorker, runInExecutor } from 'offloop';

await null;
const answer = runInExecutor(process.argv[2] ?? 'thread', () => 42);

if (!isWorker) console.log(await answer());
