import { runScript } from '../support/run-script';

const script = 'test/faults/deep-script.mjs';

describe('what is too deep for the stack of who reads it', () => {
  it('fails its call alone when it is a result, and the thread goes on serving', async () => {
    const { stdout, code } = await runScript(script, { nodeArgs: ['--stack-size=250'] });
    const unreadable = expect.stringMatching(
      /^ERR_OFFLOOP_NOT_CLONEABLE result give: the result cannot be copied/,
    ) as string;
    expect(stdout.trim().split('\n')).toEqual(['1', 'x', unreadable, '2', 'y', '3']);
    expect(code).toBe(0);
  });

  it('fails its call alone when it is an argument, and those behind it run all the same', async () => {
    const { stdout, code } = await runScript(script, { args: ['0.5'] });
    const unreadable = expect.stringMatching(
      /^ERR_OFFLOOP_NOT_CLONEABLE arguments .*could not read the call/,
    ) as string;
    expect(stdout.trim().split('\n')).toEqual(['1', 'x', unreadable, '2', 'y', '3']);
    expect(code).toBe(0);
  });
});
