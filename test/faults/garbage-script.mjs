// Counts the garbage collections that calls with large values cost their caller, and those of structured clone; or
// the major ones of a thread that large arrays go through, and of a bare one that sends them back.
import { once } from 'node:events';
import { constants, PerformanceObserver } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { isWorker, ProcessExecutor, registerExecutor, runInExecutor, ThreadExecutor } from 'offloop';

class Point {
  constructor(x) {
    this.x = x;
    this.y = -x;
  }
}

const items = (length, make) => Array.from({ length }, (_, index) => make(index));
const values = {
  instances: items(2_000, (index) => new Point(index)),
  map: new Map(items(2_000, (index) => [`key ${index}`, { index }])),
  deep: items(500, String).reduce((inner, name) => ({ name, inner }), {}),
  buffers: [Buffer.from('text'), ...items(2_000, (index) => ({ index }))],
};

const take = runInExecutor('garbage', () => undefined);

let collections = 0;
let major = 0;
new PerformanceObserver((list) => {
  const kinds = list.getEntries().map(({ detail }) => detail.kind);
  collections += kinds.length;
  major += kinds.filter((kind) => kind === constants.NODE_PERFORMANCE_GC_MAJOR).length;
}).observe({ entryTypes: ['gc'] });

const echo = runInExecutor('garbage', (value) => value);
const majorInWorker = runInExecutor('garbage', () => major);

async function collectionsOf(work) {
  const turn = () => new Promise((resolve) => setTimeout(resolve, 10));
  await turn();
  collections = 0;
  for (let time = 0; time < 100; time++) await work();
  await turn();
  return collections;
}

const bare = `
  const { constants, PerformanceObserver } = require('node:perf_hooks');
  const { parentPort } = require('node:worker_threads');
  let major = 0;
  new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries()) if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) major++;
  }).observe({ entryTypes: ['gc'] });
  parentPort.on('message', (value) => parentPort.postMessage(value ?? major));
`;

/** How many major collections large arrays cost a thread. */
async function majorCollectionsOf(send, count) {
  const before = await count();
  for (let time = 0; time < 1_600; time++) await send(Buffer.alloc(1024 * 1024));
  return (await count()) - before;
}

if (!isWorker) {
  const kind = process.argv[2];
  const options = { maxWorkers: 1 };
  const executor = kind === 'processes' ? new ProcessExecutor(options) : new ThreadExecutor(options);
  registerExecutor('garbage', { useValue: executor });
  await take();
  if (kind === 'large arrays') {
    const thread = new Worker(bare, { eval: true });
    const send = async (value) => {
      thread.postMessage(value);
      return (await once(thread, 'message'))[0];
    };
    const calls = await majorCollectionsOf(echo, majorInWorker);
    console.log(JSON.stringify({ calls, messages: await majorCollectionsOf(send, send) }));
    process.exit();
  }
  const counts = {};
  for (const [name, value] of Object.entries(values)) {
    counts[name] = {
      call: await collectionsOf(() => take(value)),
      clone: await collectionsOf(() => structuredClone(value)),
    };
  }
  console.log(JSON.stringify(counts));
}
