import { execFileSync } from 'node:child_process';
import { root, runScript } from '../support/run-script';

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

it.each(['threads', 'processes'])(
  'what was written in %s comes out whole where its reader takes it after the script has ended',
  (kind) => {
    const command = 'node test/faults/output-script.mjs "$1" end 2>/dev/null | (sleep 1; wc -c)';
    const env = { ...process.env, JEST_WORKER_ID: undefined, NODE_OPTIONS: undefined };
    const count = execFileSync('sh', ['-c', command, 'sh', kind], { cwd: root, env, encoding: 'utf8' });
    expect(Number(count)).toBe(1024 * 1024);
  },
);
