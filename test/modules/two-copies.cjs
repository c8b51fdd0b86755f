/** What one copy of the package was told is of use to another, as where a library has one of its own. */
require('reflect-metadata');
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

class OwnExecutor extends mine.InlineExecutor {
  number = (OwnExecutor.made = (OwnExecutor.made ?? 0) + 1);

  async submit() {
    return this.number;
  }
}

const used = copies.map(({ runInExecutor }) => runInExecutor(OwnExecutor, () => undefined));

const bytes = mine.runInExecutor('thread', function bytes(array) {
  return array.byteLength;
});

const countPauses = mine.cooperative(3, async () => {
  let pauses = 0;
  for (let step = 0; step < 9; step++) {
    if (!theirs.due()) continue;
    pauses++;
    await theirs.pause();
  }
  return pauses;
});

async function main() {
  const executor = new mine.ThreadExecutor({ maxWorkers: 1 });
  const mapped = [];
  for await (const result of executor.map(square, [2, 3])) mapped.push(result);
  const { fulfilled } = executor.statistics();
  const synced = mine.asyncToSync(square)(4);
  const array = new Uint8Array(8);
  const moved = [await bytes(theirs.transfer(array, [array.buffer])), array.byteLength];
  const executors = [await used[0](), await used[1]()];
  console.log(JSON.stringify({ mapped, fulfilled, synced, moved, executors, pauses: await countPauses() }));
  await executor.shutdown();
}

if (!mine.isWorker) void main();
