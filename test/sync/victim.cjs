/** A bare worker that is to be killed: it starts faster than one of an executor. */
const { parentPort, workerData } = require('node:worker_threads');
const { Lock } = require(workerData.sync);

const lock = Lock.fromPortable(workerData.state);
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
  if (workerData.task === 'hold') {
    lock.acquireSync();
    process.exit(1);
  }
  for (;;) {
    if (workerData.task === 'in place') lock.runSync(alone);
    else await lock.run(alone);
  }
}

void main();
