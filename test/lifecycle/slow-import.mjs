/** Aborts a call while the worker is importing its module, for HELD_MS more, and prints what the method hears of it. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isWorker, ProcessExecutor, registerExecutor, runInExecutor, ThreadExecutor } from 'offloop';

const { FOLDER, KIND, GRACE_MS, HELD_MS } = process.env;
const [importing, aborted] = ['importing', 'aborted'].map((name) => join(FOLDER, name));
const until = async (path) => {
  while (!existsSync(path)) await sleep(5);
};

if (isWorker) {
  writeFileSync(importing, '');
  await until(aborted);
}

let heard;
const listen = runInExecutor(
  'one',
  async function listen(signal) {
    heard = signal.aborted && signal.reason;
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
  },
  { graceMs: Number(GRACE_MS) },
);
const whatWasHeard = runInExecutor('one', function whatWasHeard() {
  return heard;
});

if (!isWorker) {
  const Executor = KIND === 'thread' ? ThreadExecutor : ProcessExecutor;
  registerExecutor('one', { useFactory: () => new Executor({ maxWorkers: 1 }) });
  const controller = new AbortController();
  const call = listen(controller.signal).catch((reason) => reason);
  await until(importing);
  controller.abort('too late');
  const reason = await call;
  await sleep(Number(HELD_MS));
  writeFileSync(aborted, '');
  console.log(JSON.stringify([reason, await whatWasHeard()]));
}
