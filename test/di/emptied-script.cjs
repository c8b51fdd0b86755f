/** A container is dropped, with its executor, after a test runner has emptied what it found on the global object. */
require('reflect-metadata');
const { container } = require('tsyringe');
const { executorToken, InlineExecutor, registerExecutor } = require('offloop');

function dropped() {
  const child = container.createChildContainer();
  registerExecutor('dropped', { useFactory: () => new InlineExecutor() }, child);
  return new WeakRef(child.resolve(executorToken('dropped')));
}

const executor = dropped();
for (const symbol of Object.getOwnPropertySymbols(globalThis)) {
  if (!symbol.description.startsWith('offloop.')) continue;
  const holder = globalThis[symbol];
  for (const key of Object.keys(holder)) delete holder[key];
}

let turns = 0;
function collect() {
  globalThis.gc();
  if (executor.deref() && ++turns < 1_000) setTimeout(collect, 1);
  // What is told of it is told in a later turn.
  else setTimeout(() => console.log(executor.deref() ? 'held' : 'collected'), 10);
}
setTimeout(collect, 1);
