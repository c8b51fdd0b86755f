/** Brings classes along whose modules workers import late or never, and prints what becomes of each call. */
import { isWorker, ProcessExecutor, registerExecutor, runInExecutor, ThreadExecutor } from 'offloop';

const take = runInExecutor(
  'brought',
  function take(value) {
    return value.constructor.name;
  },
  { timeoutMs: 1_000 },
);

if (!isWorker) {
  const Pool = process.argv[2] === 'thread' ? ThreadExecutor : ProcessExecutor;
  registerExecutor('brought', { useFactory: () => new Pool({ maxWorkers: 1, startTimeoutMs: 4_000 }) });
  const { Late } = await import('./late-class.mjs');
  const { Endless } = await import('./endless-class.mjs');
  const outcomes = [];
  for (const value of [{}, new Late(), new Endless(), {}])
    outcomes.push(await take(value).catch(({ code, message }) => `${code} ${message}`));
  console.log(JSON.stringify(outcomes));
}
