// Preloaded in a worker process: its watchdog takes back few calls at a time, and says so late.
const { join } = require('node:path');
const workerThreads = require('node:worker_threads');

const { Worker } = workerThreads;

workerThreads.Worker = class extends Worker {
  constructor(watchdog, options) {
    super(watchdog, { ...options, execArgv: ['--require', join(__dirname, 'late-answers.cjs')] });
  }
};
