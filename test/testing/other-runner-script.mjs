// A test runner that is neither Jest nor Vitest: it runs a hook, in which no other may be added.
import { isMainThread } from 'node:worker_threads';
import { runInExecutor, shutdownExecutors } from 'offloop';

const isHere = runInExecutor('thread', function isHere() {
  return isMainThread;
});

async function main() {
  const refuse = () => {
    throw new Error('a hook was added while hooks run');
  };
  Object.assign(globalThis, { beforeEach: refuse, afterEach: refuse });
  const { useInlineExecutors } = await import('offloop/testing');
  const inline = useInlineExecutors();
  if (await isHere()) console.log('inline');
  inline.restore();
  if (!(await isHere())) console.log('restored');
  await shutdownExecutors();
}

if (isMainThread) await main();
