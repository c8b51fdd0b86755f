/** A bare worker that is to be killed: it starts faster than one of an executor. */
const { parentPort, workerData } = require('node:worker_threads');
const { Lock, Queue } = require(workerData.sync);

const { task } = workerData;
const isOfQueue = /produce|consume/.test(task);
const lock = isOfQueue ? undefined : Lock.fromPortable(workerData.state);
const queue = isOfQueue ? Queue.fromPortable(workerData.state) : undefined;
const words = new Int32Array(workerData.words);
const [INSIDE, BROKEN] = [0, 1];

function alone(held) {
  // Who died inside is no longer there.
  if (held.abandoned) Atomics.store(words, INSIDE, 0);
  if (Atomics.add(words, INSIDE, 1) !== 0) Atomics.add(words, BROKEN, 1);
  Atomics.sub(words, INSIDE, 1);
}

async function main() {
  parentPort.postMessage('begun');
  if (task === 'hold') {
    lock.acquireSync();
    process.exit(1);
  }
  for (let index = 0; ; index++) {
    if (task === 'produce') queue.putSync({ index, text: 'x'.repeat(index % 300) });
    else if (task === 'produce without blocking') await queue.put({ index, text: 'x'.repeat(index % 300) });
    else if (task === 'consume') queue.getSync();
    else if (task === 'consume without blocking') await queue.get();
    else if (task === 'in place') lock.runSync(alone);
    else await lock.run(alone);
  }
}

void main();
