// Exhausts the memory of a worker, by a call and by what one is given, then limits it so much that it cannot start; prints how the calls ended.
import { isWorker, ProcessExecutor, registerExecutor, runInExecutor, ThreadExecutor } from 'offloop';

const hoard = runInExecutor('memory', function hoard() {
  for (const held = []; ;) held.push(new Array(100_000).fill(held.length));
});
const echo = runInExecutor('memory', function echo(value) {
  return value;
});

async function settle(kind, maxOldGenerationSizeMb, makeCalls) {
  const options = { maxWorkers: 1, resourceLimits: { maxOldGenerationSizeMb } };
  const executor = kind === 'threads' ? new ThreadExecutor(options) : new ProcessExecutor(options);
  registerExecutor('memory', { useValue: executor });
  const settled = await Promise.allSettled(makeCalls());
  await executor.shutdown();
  return settled.map(({ value, reason }) =>
    reason ? { code: reason.code, message: reason.message } : value,
  );
}

if (!isWorker) {
  const [, , kind, mayRead] = process.argv;
  const exhausted = await settle(kind, 64, () => [echo('before'), hoard(), echo('after')]);
  const tooLarge = () => Array.from({ length: 3_000_000 }, (_, index) => `text ${index}`);
  const given = mayRead
    ? await settle(kind, 64, () => [echo('before'), echo(tooLarge()), echo('after')])
    : undefined;
  // With less than 3 MB for a thread, bare ones too, the engine of Node.js 24 ends the whole process.
  const tooSmall = await settle(kind, kind === 'threads' ? 4 : 1, () => [echo('never')]);
  console.log(JSON.stringify({ exhausted, given, tooSmall }));
}
