import { runInExecutor } from 'offloop';

const answer = runInExecutor(process.argv[2] ?? 'thread', function answer() {
  return 42;
});

await new Promise((resolve) => setTimeout(resolve, 1));
await answer().then(console.log, (error) => console.log(error.code, error.message));
