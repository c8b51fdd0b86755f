const { Socket } = require('node:net');
const { isMainThread } = require('node:worker_threads');

const IDS = 20;
const LATE_MS = 1_500;
const { on, write } = Socket.prototype;

if (!isMainThread) {
  Socket.prototype.on = function (event, listener) {
    return on.call(
      this,
      event,
      event === 'data' ? (chunk) => listener(chunk.subarray(0, IDS * 4)) : listener,
    );
  };
  Socket.prototype.write = function (...args) {
    setTimeout(() => write.apply(this, args), LATE_MS);
    return true;
  };
}
