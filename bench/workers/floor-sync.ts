/** The least that a worker can do for a thread that waits in place. */
import { workerData, type MessagePort } from 'node:worker_threads';

const { port, words } = workerData as { port: MessagePort; words: Int32Array };

async function echo(value: unknown): Promise<unknown> {
  return value;
}

port.on('message', async (value: unknown) => {
  port.postMessage(await echo(value));
  Atomics.add(words, 0, 1);
  Atomics.notify(words, 0);
});
