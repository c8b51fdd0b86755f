import { runScript } from '../support/run-script';

// In a process of its own: what V8 prints as its memory ends, test runners take for their own end.
it.each(['threads', 'processes'])(
  'memory exhausted in %s, by a call or by what it is given, costs one call, and a limit too small to start is a failed start',
  async (kind) => {
    // A thread of Node.js 24, a bare one too, ends the whole process when it reads more than its memory holds.
    const mayRead = kind === 'processes' || !process.version.startsWith('v24.');
    const args = mayRead ? [kind, 'mayRead'] : [kind];
    const { stdout, stderr, code } = await runScript('test/faults/memory-script.mjs', { args });
    expect(code).toBe(0);
    const lost = (name: string): object => ({
      code: 'ERR_OFFLOOP_WORKER_LOST',
      message: expect.stringMatching(`^${name}: its worker \\d+ ended`) as string,
    });
    expect(JSON.parse(stdout)).toEqual({
      exhausted: ['before', lost('hoard'), 'after'],
      ...(mayRead && { given: ['before', lost('echo'), 'after'] }),
      tooSmall: [
        { code: 'ERR_OFFLOOP_WORKER_START', message: expect.stringContaining('no worker') as string },
      ],
    });
    // Of a process that ends so, V8 tells itself.
    if (kind === 'threads' && mayRead)
      expect(stderr).toMatch(/WORKER_LOST.*reaching memory limit.* has to fit/);
  },
);
