import { runScript } from '../support/run-script';

// In a process of its own: what V8 prints as its memory ends, test runners take for their own end.
it.each(['threads', 'processes'])(
  'exhausted memory in %s costs one call, and a limit too small to start is a failed start',
  async (kind) => {
    const { stdout, code } = await runScript('test/faults/memory-script.mjs', { args: [kind] });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      exhausted: [
        'before',
        {
          code: 'ERR_OFFLOOP_WORKER_LOST',
          message: expect.stringMatching(/^hoard: its worker \d+ ended/) as string,
        },
        'after',
      ],
      tooSmall: [
        { code: 'ERR_OFFLOOP_WORKER_START', message: expect.stringContaining('no worker') as string },
      ],
    });
  },
);
