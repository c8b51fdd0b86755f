// Preloaded in a worker process: its watchdog tells late of what it gave back, as on a machine that has much to do.
const { Socket } = require('node:net');
const threads = require('node:worker_threads');

const LATE_MS = 1_000;

if (threads.isMainThread) {
  const { Worker } = threads;
  threads.Worker = class extends Worker {
    constructor(watchdog, options) {
      super(watchdog, { ...options, execArgv: ['--require', __filename] });
    }
  };
} else {
  const { write } = Socket.prototype;
  Socket.prototype.write = function (...args) {
    setTimeout(() => write.apply(this, args), LATE_MS);
    return true;
  };
}
