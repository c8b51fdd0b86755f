import { runScript } from '../support/run-script';

it.each(['threads', 'processes'])(
  'a call in %s makes little more garbage of a large value than a copy of it does',
  async (kind) => {
    const { stdout, stderr, code } = await runScript('test/faults/garbage-script.mjs', {
      // A small young generation, so that there is something to count.
      nodeArgs: ['--max-semi-space-size=1'],
      args: [kind],
    });
    expect([stderr, code]).toEqual(['', 0]);
    const counts = JSON.parse(stdout) as Record<string, { call: number; clone: number }>;
    const many = Object.entries(counts).filter(([, { call, clone }]) => call > 3 * clone);
    expect(many).toEqual([]);
  },
);

it('large arrays die young in the thread that they go through', async () => {
  const { stdout, stderr, code } = await runScript('test/faults/garbage-script.mjs', {
    args: ['large arrays'],
  });
  expect([stderr, code]).toEqual(['', 0]);
  const { calls, messages } = JSON.parse(stdout) as { calls: number; messages: number };
  expect(calls).toBeLessThan(messages + 17);
});
