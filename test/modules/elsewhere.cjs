/** Has workers run a setup module of a package below the working directory, and prints what it has left. */
require('reflect-metadata');
const { join } = require('node:path');
const { isWorker, ProcessExecutor, registerExecutor, runInExecutor, ThreadExecutor } = require('offloop');

const loadedBy = runInExecutor('of the package', () => process.env.LOADED_BY);

async function main([executor, folder]) {
  process.chdir(folder);
  const options = { maxWorkers: 1, setup: join(folder, 'packages', 'one', 'setup.ts') };
  const Pool = { thread: ThreadExecutor, process: ProcessExecutor }[executor];
  registerExecutor('of the package', { useFactory: () => new Pool(options) });
  console.log(await loadedBy());
}

if (!isWorker) void main(process.argv.slice(2));
