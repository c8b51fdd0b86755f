// Calls methods of many receivers that hold the same twice and are dropped, and of some after them; prints what the caller and its worker still hold, and how often the later ones were told of.
import { Socket } from 'node:net';
import { getHeapStatistics } from 'node:v8';
import { MessagePort } from 'node:worker_threads';
import { isWorker, ProcessExecutor, registerExecutor, RunInExecutor, ThreadExecutor } from 'offloop';

class Article {
  constructor(id, text) {
    this.id = id;
    this.text = text;
  }

  async identify() {
    return this.id;
  }

  static async heapMb() {
    globalThis.gc();
    return getHeapStatistics().used_heap_size / 1024 / 1024;
  }
}
for (const [target, method] of [
  [Article.prototype, 'identify'],
  [Article, 'heapMb'],
]) {
  const descriptor = Object.getOwnPropertyDescriptor(target, method);
  Object.defineProperty(target, method, RunInExecutor('articles')(target, method, descriptor) ?? descriptor);
}

async function heapsMb() {
  await new Promise((resolve) => setImmediate(resolve));
  globalThis.gc();
  return [process.memoryUsage().heapUsed / 1024 / 1024, await Article.heapMb()];
}

/** How many MB more there are for large receivers that are gone. */
async function holdLarge() {
  await new Article(0, 'small').identify();
  const before = await heapsMb();
  for (let id = 0; id < 200; id++) {
    const article = new Article(id, Buffer.alloc(500_000, 97 + (id % 20)).toString('latin1'));
    for (let time = 0; time < 2; time++) await article.identify();
  }
  const after = await heapsMb();
  return after.map((heap, index) => heap - before[index]);
}

/** How many of the calls of many receivers, each of which comes again and again, have run on another. */
async function countMixedUp(count) {
  const articles = Array.from({ length: count }, (_, id) => new Article(id, 'small'));
  let mixedUp = 0;
  for (let round = 0; round < 4; round++) {
    const ids = await Promise.all(articles.map((article) => article.identify()));
    mixedUp += ids.filter((id, index) => id !== index).length;
  }
  return mixedUp;
}

/** Of the calls of a receiver that is new now, which have told the worker what it holds. */
async function tell() {
  const marker = 'an article that comes late';
  let isTold = false;
  const watch = (prototype, method) => {
    const original = prototype[method];
    prototype[method] = function (message, ...rest) {
      const text = Buffer.isBuffer(message) ? message.toString('latin1') : JSON.stringify(message);
      isTold ||= text.includes(marker);
      return Reflect.apply(original, this, [message, ...rest]);
    };
  };
  watch(MessagePort.prototype, 'postMessage');
  watch(Socket.prototype, 'write');
  const article = new Article(1, marker);
  const told = [];
  for (let time = 0; time < 5; time++) {
    isTold = false;
    await article.identify();
    told.push(isTold);
  }
  return told;
}

async function main([kind]) {
  const options = { maxWorkers: 1 };
  const executor = kind === 'threads' ? new ThreadExecutor(options) : new ProcessExecutor(options);
  registerExecutor('articles', { useValue: executor });
  const heldMb = await holdLarge();
  const mixedUp = await countMixedUp(1_500);
  console.log(JSON.stringify({ heldMb, mixedUp, told: await tell() }));
  await executor.shutdown();
}

if (!isWorker) await main(process.argv.slice(2));
