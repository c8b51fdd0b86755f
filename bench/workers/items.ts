/** Sends items to the main thread, one message each or through a queue, as it is told to. */
import { parentPort, workerData } from 'node:worker_threads';
import { Queue, type SharedState } from 'offloop/sync';
import { makeItem, type ItemKind } from '../queue-items';

const { kind, count, queue } = workerData as { kind: ItemKind; count: number; queue?: SharedState };

function send(): void {
  const shared = queue && Queue.fromPortable<unknown>(queue);
  if (shared) {
    for (let index = 0; index < count; index++) shared.putSync(makeItem(kind, index));
    shared.close();
  } else {
    for (let index = 0; index < count; index++) parentPort?.postMessage(makeItem(kind, index));
  }
}

parentPort?.once('message', send);
parentPort?.postMessage('ready');
