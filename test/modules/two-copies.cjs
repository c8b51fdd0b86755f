/** A function that one copy of the package has wrapped is handed to the executor, and to the view, of another. */
const { dirname } = require('node:path');

const folder = dirname(require.resolve('offloop'));
const copies = [0, 1].map(() => {
  for (const file of Object.keys(require.cache)) if (file.startsWith(folder)) delete require.cache[file];
  return { ...require('offloop'), ...require('offloop/sync') };
});
const [mine, theirs] = copies;

const square = theirs.runInExecutor('process', function square(value) {
  return value * value;
});

async function main() {
  const executor = new mine.ThreadExecutor({ maxWorkers: 1 });
  const mapped = [];
  for await (const result of executor.map(square, [2, 3])) mapped.push(result);
  const { fulfilled } = executor.statistics();
  console.log(JSON.stringify({ mapped, fulfilled, synced: mine.asyncToSync(square)(4) }));
  await executor.shutdown();
}

if (!mine.isWorker) void main();
