import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runScript, typeScript } from '../support/run-script';

interface Row {
  readonly work: string;
  readonly mode: string;
  readonly gapMs: number;
  readonly tookMs: number;
}

/** Reads the table that the samples print. */
function readTable(stdout: string): Row[] {
  return stdout.split('\n').flatMap((line) => {
    const match =
      /^(.+?) {2,}(on the loop|threads|processes|at once|N = [\d,]+|by time, 8 ms) +(\d+) ms +(\d+) ms/.exec(
        line,
      );
    return match
      ? [{ work: match[1], mode: match[2], gapMs: Number(match[3]), tookMs: Number(match[4]) }]
      : [];
  });
}

it('the executors sample runs each method where its decorator says', async () => {
  const { stdout, code } = await runScript('samples/run-in-executor/main.ts', { nodeArgs: typeScript });
  expect(code).toBe(0);
  expect(stdout).toMatch(/ImageService\.inOwnExecutor took [\d.]+ ms/);
  expect(stdout).toMatch(/inDefault: this process, thread [1-9]/);
  expect(stdout).toMatch(/inCustomThreads: this process, thread [1-9]/);
  expect(stdout).toMatch(/inCustomProcesses: a child process, thread 0/);
});

/** Checks that the ticker stands still for as long as the work takes on the loop, and not beside workers. */
function checkGaps(table: Row[]): void {
  for (const { work, mode, gapMs, tookMs } of table) {
    if (mode === 'on the loop') {
      expect(gapMs).toBeGreaterThanOrEqual(tookMs - 2);
    } else {
      const onLoop = table.find((row) => row.work === work && row.mode === 'on the loop') as Row;
      expect(gapMs).toBeLessThan(Math.max(onLoop.tookMs, 200));
    }
  }
}

it('the io sample stops the ticker on the loop only', async () => {
  const { stdout, stderr, code } = await runScript('samples/io/main.ts', {
    nodeArgs: typeScript,
    args: ['--short'],
  });
  expect([stderr, code]).toEqual(['', 0]);
  expect(readTable(stdout)).toHaveLength(3);
  checkGaps(readTable(stdout));
});

it('the cooperative sample lets the loop breathe, and draws the gaps', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'offloop-'));
  const file = join(folder, 'gaps.svg');
  try {
    const { stdout, stderr, code } = await runScript('samples/cooperative/main.ts', {
      nodeArgs: typeScript,
      args: [file],
    });
    expect([stderr, code]).toEqual(['', 0]);
    const table = readTable(stdout);
    expect(table).toHaveLength(10);
    for (const { work, gapMs } of table.filter(({ mode }) => mode.startsWith('by time'))) {
      const atOnce = table.find((row) => row.work === work && row.mode === 'at once') as Row;
      expect(gapMs).toBeLessThan(Math.max(atOnce.tookMs, 200));
    }
    expect(readFileSync(file, 'utf8')).toMatch(/^<svg [^]*<rect [^]*<\/svg>\n$/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('the whole start prints one table, and the cpu sample stops the ticker on the loop only', async () => {
  const { stdout, stderr, code } = await runScript('samples/start.ts', { nodeArgs: typeScript });
  expect([stderr, code]).toEqual(['', 0]);
  const table = readTable(stdout);
  expect(table).toHaveLength(11);
  checkGaps(table.filter(({ mode }) => /loop|threads|processes/.test(mode)));
});

it('the services sample queries SQLite in four threads, and closes it in each', async () => {
  const { stdout, stderr, code } = await runScript('samples/services/main.ts', { nodeArgs: typeScript });
  expect([stderr, code]).toEqual(['', 0]);
  const [, inThread, onLoop] = /total of customer 1: (\d+), on the loop (\d+)/.exec(
    stdout,
  ) as RegExpExecArray;
  expect(Number(inThread)).toBeGreaterThan(0);
  expect(inThread).toBe(onLoop);
  // Four workers, and the main thread.
  expect(stdout.match(/a worker closed its database/g)).toHaveLength(5);
  const [blocked, beside] = readTable(stdout);
  expect(blocked.gapMs).toBeGreaterThanOrEqual(blocked.tookMs - 2);
  expect(beside.gapMs).toBeLessThan(Math.max(blocked.tookMs, 200));
});

it('the server sample finishes its requests after SIGTERM, refuses new ones, and ends by itself', async () => {
  const { stdout, stderr, code } = await runScript('samples/server/main.ts', { nodeArgs: typeScript });
  expect([stderr, code]).toEqual(['', 0]);
  expect(stdout.match(/GET \/reports\/\d: 200/g)).toHaveLength(4);
  expect(stdout).toMatch(/SIGTERM[^]*no new connections: ECONNREFUSED[^]*200[^]*all executors are shut down/);
});
