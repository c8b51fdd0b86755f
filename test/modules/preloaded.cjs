/** A whole program, for `node -r`: what workers preload too. */
require('reflect-metadata');
const { isWorker, runInExecutor } = require('offloop');
const { asyncToSync } = require('offloop/sync');

const guarded = (executor) =>
  runInExecutor(executor, function whereAmI() {
    return isWorker;
  });
const inThread = guarded('thread');
const inProcess = guarded('process');

if (!isWorker) {
  console.log('start');
  console.log(asyncToSync(inThread)());
  Promise.all([inThread(), inProcess()]).then((results) => console.log(results.join()));
}
