require('reflect-metadata');
const { isWorker, ProcessExecutor, runInExecutor, ThreadExecutor } = require('offloop');
const { asyncToSync } = require('offloop/sync');

// Workers have the environment of who starts them.
process.env.LEVEL = Number(process.env.LEVEL ?? -1) + 1;
process.env.STARTS ??= process.argv[2];

let main;
exports.answer = runInExecutor('thread', async function answer() {
  // Not before its worker has started the program once more.
  await main;
  return 42;
});

const starts = {
  'a map in threads': () => new ThreadExecutor({ maxWorkers: 1 }).map(exports.answer, [1]).next(),
  'a map in processes': () => new ProcessExecutor({ maxWorkers: 1 }).map(exports.answer, [1]).next(),
  asyncToSync: () => asyncToSync(exports.answer)(),
};

/** When it starts workers, the import that it is part of is over. */
async function start() {
  await new Promise(setImmediate);
  if (process.env.LEVEL > 20) throw new Error('there is no end of them');
  await starts[process.env.STARTS]();
}

main = start();
if (!isWorker) main.then(console.log, ({ code, message }) => console.log(code, message));
