// Preloaded in a worker process: its watchdog gives nothing back, as one that the machine holds up.
const workerThreads = require('node:worker_threads');

const { Worker } = workerThreads;

workerThreads.Worker = class extends Worker {
  constructor() {
    super('setInterval(() => undefined, 60_000);', { eval: true });
  }
};
