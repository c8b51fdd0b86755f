/** Ends each worker that imports it, and prints what becomes of the calls. */
require('reflect-metadata');
const { isWorker, runInExecutor } = require('offloop');
const { asyncToSync } = require('offloop/sync');

const here = runInExecutor(process.argv[2] ?? 'thread', function here() {
  return 'here';
});

if (isWorker) process.exit(3);

const print = ({ code, message }) => console.log(code, message);
here().catch((error) => {
  print(error);
  try {
    asyncToSync(here)();
  } catch (another) {
    print(another);
  }
});
