import 'reflect-metadata';
import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ProcessExecutor, type WorkerStartError } from 'offloop';
import { kinds } from '../support/executors';
import { root } from '../support/run-script';
import { Faulty } from './services';
import { endExecutors, Log, until, use } from './support';

afterEach(endExecutors);
afterAll(() => Log.removeAll());

const setup = join(__dirname, 'setup.ts');

/** The environment of workers whose setup module logs each start, and fails as the switch says. */
function environment(log: Log, how: Log): NodeJS.ProcessEnv {
  return { ...process.env, SETUP_LOG: log.path, SETUP_FAULT: how.path };
}

describe.each(kinds)('in %s', (kind, make) => {
  it('no more files may be opened: the caller hears of it, and it recovers', async () => {
    const { stdout } = await promisify(execFile)('sh', [
      '-c',
      'ulimit -n 64; exec "$0" "$@"',
      process.execPath,
      join(root, 'test/faults/files-script.mjs'),
      kind,
    ]);
    expect(JSON.parse(stdout)).toEqual([
      'ERR_OFFLOOP_WORKER_START',
      expect.stringMatching(/could start: .*EMFILE/),
      2,
    ]);
  });

  it.each([
    ['throws', /the setup module .*setup\.ts failed: on purpose/],
    ['throws what only workers know', /the setup module .*setup\.ts failed: the database is away/],
    ['ends its worker', /it ended with exit code 4 before it was ready/],
    ['hangs', /it was not ready within 3000 ms/],
  ])(
    'a setup that %s: callers get the cause, spawns are bounded, and it recovers',
    async (fault, message) => {
      const [log, how] = [new Log(), new Log()];
      writeFileSync(how.path, fault);
      const executor = use(
        make({
          maxWorkers: 2,
          setup,
          env: environment(log, how),
          startTimeoutMs: fault === 'hangs' ? 3_000 : 30_000,
        }),
      );
      const settled = await Promise.allSettled(Array.from({ length: 10 }, (_, id) => Faulty.echo(id)));
      for (const one of settled) {
        const { reason } = one as PromiseRejectedResult;
        expect(reason).toMatchObject({ code: 'ERR_OFFLOOP_WORKER_START' });
        expect((reason as WorkerStartError).message).toMatch(message);
        expect((reason as WorkerStartError).cause).toBeInstanceOf(Error);
      }
      expect(log.lines().length).toBeLessThanOrEqual(6);
      rmSync(how.path);
      // The back-off may refuse a start still: a call waits for it.
      await expect(Faulty.echo('recovered')).resolves.toBe('recovered');
      expect(executor.statistics()).toMatchObject({ fulfilled: 1, rejected: 10 });
    },
  );

  it('a setup file that is missing', async () => {
    use(make({ maxWorkers: 1, setup: join(__dirname, 'missing.js') }));
    await expect(Faulty.echo(1)).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_WORKER_START',
      message: expect.stringMatching(/missing\.js/) as string,
    });
  });

  it('options of node that it does not know', async () => {
    use(make({ maxWorkers: 1, execArgv: ['--no-such-option'] }));
    await expect(Faulty.echo(1)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_WORKER_START' });
  });

  it('a start that fails once is tried again without the callers hearing of it', async () => {
    const [log, how] = [new Log(), new Log()];
    writeFileSync(how.path, 'ends its worker');
    use(make({ maxWorkers: 1, setup, env: environment(log, how) }));
    const call = Faulty.echo('in the end');
    await until(() => log.lines().length > 0, 'the first start');
    rmSync(how.path);
    await expect(call).resolves.toBe('in the end');
  });
});

it('a process that its permissions forbid the thread that watches over its calls', async () => {
  // Node.js 20 knows it by another name.
  const option = ['--permission', '--experimental-permission'].find((name) =>
    process.allowedNodeEnvironmentFlags.has(name),
  ) as string;
  use(new ProcessExecutor({ maxWorkers: 1, execArgv: [option, '--allow-fs-read=*'] }));
  await expect(Faulty.echo(1)).rejects.toMatchObject({
    code: 'ERR_OFFLOOP_WORKER_START',
    message: expect.stringMatching(/--allow-worker/) as string,
  });
});
