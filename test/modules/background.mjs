import { runInExecutor } from 'offloop';

const inner = runInExecutor('background', function inner() {
  return 'inner';
});

/** Leaves work in the background that makes a call while the worker imports `slow.mjs`. */
export const leave = runInExecutor('background', function leave() {
  const timer = setInterval(() => {
    if (!globalThis.onInner) return;
    clearInterval(timer);
    inner().then(globalThis.onInner, globalThis.onInner);
  }, 1);
});
