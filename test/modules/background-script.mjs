import { isWorker, registerExecutor, ProcessExecutor, ThreadExecutor } from 'offloop';
import { leave } from './background.mjs';
import { slow } from './slow.mjs';

if (!isWorker) {
  const Pool = process.argv[2] === 'thread' ? ThreadExecutor : ProcessExecutor;
  registerExecutor('background', { useFactory: () => new Pool({ maxWorkers: 1 }) });
  await leave();
  console.log(await slow());
}
