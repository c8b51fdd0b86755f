/**
 * A synchronous call of an async function: asyncToSync, synckit, and the floor: postMessage, Atomics.wait and
 * receiveMessageOnPort. `npm run bench:sync`, with `--short` for a quick look.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { asyncToSync } from 'offloop/sync';
import { median, pairedRatios } from './statistics';
import { echo } from './sync-tasks';

const short = process.argv.includes('--short');
const ROUNDS = short ? 10 : 60;
const CALLS = 200;
const workers = join(__dirname, 'workers');
const payloads = {
  number: 7,
  object: { id: 1, name: 'item', list: [1, 2, 3] },
  'text of 10 kB': 'x'.repeat(10_000),
};

type Echo = (value: unknown) => unknown;

function makeFloor(): Echo {
  const { port1, port2 } = new MessageChannel();
  const words = new Int32Array(new SharedArrayBuffer(4));
  const workerData = { port: port2, words };
  new Worker(join(workers, 'floor-sync.js'), { workerData, transferList: [port2] }).unref();
  return (value) => {
    const seen = Atomics.load(words, 0);
    port1.postMessage(value);
    Atomics.wait(words, 0, seen);
    return receiveMessageOnPort(port1)?.message as unknown;
  };
}

async function makeSynckit(): Promise<Echo> {
  const { createSyncFn } = await import('synckit');
  return createSyncFn(pathToFileURL(join(workers, 'synckit.mjs')));
}

async function main(): Promise<void> {
  const contenders: Record<string, Echo> = {
    offloop: asyncToSync(echo),
    synckit: await makeSynckit(),
    floor: makeFloor(),
  };
  const names = Object.keys(contenders);
  let isMet = true;
  for (const [payload, value] of Object.entries(payloads)) {
    const figures = Object.fromEntries(names.map((name) => [name, [] as number[]]));
    for (const name of names) for (let call = 0; call < 500; call++) contenders[name](value);
    for (let round = 0; round < ROUNDS; round++) {
      for (let turn = 0; turn < names.length; turn++) {
        const name = names[(round + turn) % names.length];
        const begin = performance.now();
        for (let call = 0; call < CALLS; call++) contenders[name](value);
        figures[name].push(((performance.now() - begin) / CALLS) * 1_000);
      }
    }
    const toFloor = pairedRatios(figures.offloop, figures.floor).median;
    const toSynckit = pairedRatios(figures.offloop, figures.synckit).median;
    isMet &&= toFloor <= 1.6 && toSynckit <= 1.0;
    const times = names.map((name) => `${name} ${median(figures[name]).toFixed(1)} us`).join(', ');
    console.log(
      `${payload}: ${times}; ${toFloor.toFixed(2)}x the floor (target 1.6), ${toSynckit.toFixed(2)}x synckit (target 1)`,
    );
  }
  process.exitCode = isMet ? 0 : 1;
}

void main();
