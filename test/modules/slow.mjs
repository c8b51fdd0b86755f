import { isWorker, runInExecutor } from 'offloop';

/** What came of the call in the background; the import waits for it. */
const came = isWorker && String(await new Promise((resolve) => (globalThis.onInner = resolve)));

export const slow = runInExecutor('background', function slow() {
  return came;
});
