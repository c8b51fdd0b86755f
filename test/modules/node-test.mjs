/** Run by the test runner of Node.js; workers import it too. */
import 'reflect-metadata';
import assert from 'node:assert';
import { after, describe, it, mock, test } from 'node:test';
import { isWorker, runInExecutor } from 'offloop';

const inThread = runInExecutor('thread', () => isWorker);
const inProcess = runInExecutor('process', () => isWorker);
const ran = mock.fn();

describe('a group', () => {
  it('runs in a thread', async () => {
    ran();
    assert.equal(await inThread(), true);
  });
});
test('a test runs in a process', async () => {
  ran();
  assert.equal(await inProcess(), true);
});
after(() => console.log(`ran ${ran.mock.callCount()} in ${isWorker ? 'a worker' : 'the program'}`));
