import { runScript, typeScript } from '../support/run-script';

const run = (name: string): ReturnType<typeof runScript> =>
  runScript(`samples/${name}/main.ts`, { nodeArgs: typeScript, args: ['--short'] });

it('the sync-from-async sample prints what an async client fetched, and its error as itself', async () => {
  const { stdout, stderr, code } = await run('sync-from-async');
  expect([stderr, code]).toEqual(['', 0]);
  expect(stdout).toMatch(
    /^1: On waiting\n2: On not waiting\n3: On both\n4: RangeError: article 4: 404\nthis thread stood still for \d+ ms\n$/,
  );
});

it('the queue-bridge sample brings every line, each thread in order, while a ticker ticks', async () => {
  const { stdout, stderr, code } = await run('queue-bridge');
  expect([stderr, code]).toEqual(['', 0]);
  expect(stdout).toContain('from threads: 20000 lines, each thread in order');
  expect(stdout).toContain('to threads: 20000 lines, taken by two');
});

it('the locks sample counts wrong without the lock, and right with it', async () => {
  const { stdout, stderr, code } = await run('locks');
  expect([stderr, code]).toEqual(['', 0]);
  const counts = [...stdout.matchAll(/(with|without) a lock: counted (\d+) of (\d+)/g)];
  const [, how, counted, of] = counts[counts.length - 1];
  expect([how, counted]).toEqual(['with', of]);
  const [, , wrong, expected] = counts[counts.length - 2];
  expect(Number(wrong)).toBeLessThan(Number(expected));
});
