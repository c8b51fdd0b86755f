// Calls and results that one side can write, and the other has no stack to read.
import { isWorker, registerExecutor, runInExecutor, ThreadExecutor } from 'offloop';

const nest = (levels) => {
  let value = 'core';
  for (let level = 0; level < levels; level++) value = { value };
  return value;
};
const give = runInExecutor('deep', function give(levels) {
  return nest(levels);
});
const take = runInExecutor('deep', function take(_value) {
  return 'taken';
});
const echo = runInExecutor('deep', function echo(value) {
  return value;
});

if (!isWorker) {
  const [, , stackSizeMb] = process.argv;
  const resourceLimits = stackSizeMb && { stackSizeMb: Number(stackSizeMb) };
  registerExecutor('deep', { useFactory: () => new ThreadExecutor({ maxWorkers: 1, resourceLimits }) });
  await echo(0);
  const deep = stackSizeMb ? take(nest(950)) : give(950);
  const calls = [echo(1), echo('x'.repeat(1_000)), deep, echo(2), echo('y'.repeat(1_000)), echo(3)];
  for (const { reason, value } of await Promise.allSettled(calls)) {
    console.log(reason ? `${reason.code} ${reason.path} ${reason.message}` : String(value)[0]);
  }
}
