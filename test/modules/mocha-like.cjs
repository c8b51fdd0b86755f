/** A test file and, first, what Mocha gives it; workers import the test file too. */
require('reflect-metadata');
const { isWorker, runInExecutor } = require('offloop');

if (!isWorker) {
  const group = (_, define) => define();
  const run = (_, fn) => void fn().then(console.log);
  Object.assign(globalThis, { describe: group, context: group, it: run, before: (hook) => hook() });
}

const inThread = runInExecutor('thread', () => isWorker);

describe('a group', () => {
  before(() => console.log('before'));
  context('within another', () => {
    it('runs in a thread', () => inThread());
  });
});
