/** The least that a thread can do with a message: run what it names and answer. */
import { parentPort, workerData } from 'node:worker_threads';
import { tasks, type TaskName } from './tasks';

type Request = [id: number, name: TaskName, argument: unknown];
const run = ([id, name, argument]: Request): [number, unknown] => [id, tasks[name](argument as never)];

if (workerData instanceof SharedArrayBuffer) {
  // One call at a time, without a message: 0 idle, 1 called, 2 answered.
  const state = new Int32Array(workerData);
  for (;;) {
    Atomics.wait(state, 0, 0);
    if (Atomics.load(state, 0) === 1) {
      Atomics.store(state, 0, 2);
      Atomics.notify(state, 0);
    }
    Atomics.wait(state, 0, 2);
  }
} else {
  parentPort?.on('message', (message: Request | Request[]) => {
    if (Array.isArray(message[0])) parentPort?.postMessage((message as Request[]).map(run));
    else parentPort?.postMessage(run(message as Request));
  });
}
