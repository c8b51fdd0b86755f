import { runScript } from '../support/run-script';

it.each(['threads', 'processes'])(
  '1 MB written to stdout and stderr in %s neither blocks nor is lost, and comes out whole at shutdown',
  async (kind) => {
    const { stdout, stderr, code } = await runScript('test/faults/output-script.mjs', { args: [kind] });
    expect(code).toBe(0);
    expect(stdout.length).toBe(1024 * 1024);
    expect(stdout).toBe(`${'o'.repeat(1023)}\n`.repeat(1024));
    expect(stderr).toBe(`${'e'.repeat(1023)}\n`.repeat(1024));
  },
);
