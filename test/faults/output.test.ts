import { runScript } from '../support/run-script';

describe.each(['threads', 'processes'])('1 MB written to stdout and stderr in %s', (kind) => {
  it.each([
    ['at shutdown', 'shutdown'],
    ['where the script ends with the call', 'end'],
  ])('neither blocks nor is lost, and comes out whole %s', async (_when, how) => {
    const { stdout, stderr, code } = await runScript('test/faults/output-script.mjs', { args: [kind, how] });
    expect(code).toBe(0);
    expect(stdout.length).toBe(1024 * 1024);
    expect(stdout).toBe(`${'o'.repeat(1023)}\n`.repeat(1024));
    expect(stderr).toBe(`${'e'.repeat(1023)}\n`.repeat(1024));
  });
});
