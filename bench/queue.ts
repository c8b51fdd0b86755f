/**
 * Items from one thread to the main loop: through a queue, and with one postMessage each.
 * `npm run bench:queue`, with `--short` for a quick look.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Queue } from 'offloop/sync';
import { itemKinds, type ItemKind } from './queue-items';
import { median, pairedRatios } from './statistics';

const short = process.argv.includes('--short');
const COUNT = short ? 100_000 : 400_000;
const ROUNDS = short ? 3 : 9;
const TARGET = 2.5;

type Take = (worker: Worker) => Promise<number>;

/** Items per second, from the word to begin until the last one has arrived. */
async function measure(kind: ItemKind, queue: Queue<unknown> | undefined, take: Take): Promise<number> {
  const worker = new Worker(join(__dirname, 'workers', 'items.js'), {
    workerData: { kind, count: COUNT, queue: queue?.toPortable() },
  });
  await once(worker, 'message');
  const begin = performance.now();
  worker.postMessage('begin');
  const taken = await take(worker);
  const seconds = (performance.now() - begin) / 1_000;
  if (taken !== COUNT) throw new Error(`${taken} of ${COUNT} items arrived`);
  await worker.terminate();
  return COUNT / seconds;
}

function throughQueue(kind: ItemKind): Promise<number> {
  const queue = new Queue<unknown>();
  return measure(kind, queue, async () => {
    let taken = 0;
    for await (const item of queue) taken += item === undefined ? 0 : 1;
    return taken;
  });
}

function byMessages(kind: ItemKind): Promise<number> {
  return measure(
    kind,
    undefined,
    (worker) =>
      new Promise((resolve) => {
        let taken = 0;
        worker.on('message', () => ++taken === COUNT && resolve(taken));
      }),
  );
}

async function main(): Promise<void> {
  let isMet = true;
  for (const kind of itemKinds) {
    const queue: number[] = [];
    const messages: number[] = [];
    // The first round is not counted, and who goes first changes.
    for (let round = 0; round <= ROUNDS; round++) {
      const runs = [
        async () => queue.push(await throughQueue(kind)),
        async () => messages.push(await byMessages(kind)),
      ];
      for (const run of round % 2 ? runs.reverse() : runs) await run();
    }
    const ratio = pairedRatios(queue.slice(1), messages.slice(1));
    const perSecond = (values: number[]): string => Math.round(median(values)).toLocaleString('en');
    isMet &&= kind !== 'object' || ratio.median >= TARGET;
    console.log(
      `${kind}: queue ${perSecond(queue)}/s, one postMessage each ${perSecond(messages)}/s: ` +
        `${ratio.median.toFixed(2)}x (${ratio.least.toFixed(2)} to ${ratio.most.toFixed(2)}), target ${TARGET}x`,
    );
  }
  process.exitCode = isMet ? 0 : 1;
}

void main();
