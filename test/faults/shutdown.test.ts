import 'reflect-metadata';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ExecutorShutdownError, shutdownExecutors } from 'offloop';
import { kinds } from '../support/executors';
import { root, runScript } from '../support/run-script';
import { Faulty } from './services';
import { endExecutors, Log, until, use } from './support';

afterEach(endExecutors);
afterAll(() => Log.removeAll());

const refusal = { code: 'ERR_OFFLOOP_EXECUTOR_SHUTDOWN' };

it('threads that are terminated as their executor shuts down are not replaced', async () => {
  const { stdout, stderr, code } = await runScript('test/faults/replaced-script.mjs');
  expect([stdout.trim(), stderr, code]).toEqual(['0', '', 0]);
});

describe.each(kinds)('in %s', (kind, make) => {
  it('shutdown lets all calls end, refuses later ones, and may be repeated', async () => {
    const executor = use(make({ maxWorkers: 1 }));
    const calls = [Faulty.block(50), Faulty.echo(1), Faulty.echo(2)];
    const first = executor.shutdown();
    const second = executor.shutdown();
    await expect(Faulty.echo(3)).rejects.toMatchObject({
      ...refusal,
      message: expect.stringMatching(/shutting down and takes no more calls/) as string,
    });
    await Promise.all([first, second]);
    await expect(Promise.all(calls)).resolves.toEqual([50, 1, 2]);
    await expect(executor.shutdown()).resolves.toBeUndefined();
    await expect(Faulty.echo(4)).rejects.toThrow(/terminated and takes no more calls/);
    expect(executor.statistics()).toMatchObject({ workers: 0, queued: 0, running: 0, fulfilled: 3 });
  });

  it('cancelPending rejects what waits and lets what runs finish', async () => {
    const executor = use(make({ maxWorkers: 1 }));
    await Promise.all(Array.from({ length: 200 }, () => Faulty.block(0)));
    const log = new Log();
    const running = Faulty.block(300, log.path);
    // Some of these are with the worker already, some are not.
    const waiting = Array.from({ length: 300 }, (_, id) => Faulty.note(log.path, id, false));
    const settled = Promise.allSettled(waiting);
    await until(() => log.lines().length > 0, 'the first call runs');
    await executor.shutdown({ cancelPending: true });
    await expect(running).resolves.toBe(300);
    for (const one of await settled) expect((one as PromiseRejectedResult).reason).toMatchObject(refusal);
    expect(log.lines()).toEqual(['begun']);
  });

  it('cancelPending rejects what a worker that is lost had not begun', async () => {
    const executor = use(make({ maxWorkers: 1 }));
    const log = new Log();
    // Short calls: the next ones go to the worker together.
    const { path } = new Log();
    await Promise.all(Array.from({ length: 200 }, (_, id) => Faulty.note(path, id, false)));
    const calls = [0, 1, 2, 3].map((id) => Faulty.note(log.path, id, id === 0));
    const settled = Promise.allSettled(calls);
    await Promise.resolve();
    await executor.shutdown({ cancelPending: true });
    const [lost, ...others] = (await settled).map((one) => (one as PromiseRejectedResult).reason as Error);
    expect([lost, ...others]).toMatchObject([{ code: 'ERR_OFFLOOP_WORKER_LOST' }, refusal, refusal, refusal]);
    expect(log.lines()).toEqual(['0']);
  });

  it('what outlasts the drain timeout is terminated', async () => {
    const executor = use(make({ maxWorkers: 1 }));
    const log = new Log();
    const stuck = Faulty.spin(log.path);
    const waiting = Faulty.echo(1);
    const settled = Promise.allSettled([stuck, waiting]);
    await until(() => log.lines().length > 0, 'the loop runs');
    await executor.shutdown({ drainTimeoutMs: 50 });
    const reasons = (await settled).map((one) => (one as PromiseRejectedResult).reason as Error);
    expect(reasons[0]).toMatchObject({
      code: 'ERR_OFFLOOP_WORKER_LOST',
      message: expect.stringContaining('was shut down with a drainTimeoutMs of 50') as string,
    });
    expect(reasons[1]).toBeInstanceOf(ExecutorShutdownError);
  });

  it('a shutdown that waits may be given a drain timeout, and all wait for the end', async () => {
    const executor = use(make({ maxWorkers: 1 }));
    const log = new Log();
    const stuck = Faulty.spin(log.path).catch((error: unknown) => error);
    await until(() => log.lines().length > 0, 'the loop runs');
    let isOver = false;
    const patient = shutdownExecutors().then(() => (isOver = true));
    await Promise.all([shutdownExecutors(), executor.shutdown({ drainTimeoutMs: 50 })]);
    expect(executor.statistics().workers).toBe(0);
    await patient;
    expect(isOver).toBe(true);
    expect(await stuck).toMatchObject({ code: 'ERR_OFFLOOP_WORKER_LOST' });
  });

  it('a worker that has no call is terminated as well when it outlasts the drain timeout', async () => {
    const executor = use(make({ maxWorkers: 1 }));
    const log = new Log();
    // By then the executor takes it for idle.
    await Faulty.spinAfter(500, log.path);
    await until(() => log.lines().length > 0, 'the loop runs');
    await executor.shutdown({ drainTimeoutMs: 50 });
    expect(executor.statistics().workers).toBe(0);
  });

  it('workers end although a method has replaced process.exit', async () => {
    const executor = use(make({ maxWorkers: 1, maxCallsPerWorker: 2 }));
    const first = await Faulty.place();
    await Faulty.replaceExit();
    expect(await Faulty.place()).not.toEqual(first);
    await Faulty.replaceExit();
    await executor.shutdown();
    expect(executor.statistics().workers).toBe(0);
  });

  it('what would run again after a loss does not, once it has outlasted the drain timeout', async () => {
    const executor = use(make({ maxWorkers: 1 }));
    const log = new Log();
    const stuck = Faulty.spinAgain(log.path).catch((error: unknown) => error);
    await until(() => log.lines().length > 0, 'the loop runs');
    await executor.shutdown({ drainTimeoutMs: 50 });
    expect(await stuck).toMatchObject({ code: 'ERR_OFFLOOP_WORKER_LOST' });
    expect(log.lines()).toEqual(['begun']);
  });

  it('shutdown ends when the last call that waits is given up while no worker can start', async () => {
    const executor = use(make({ maxWorkers: 1, execArgv: ['--no-such-option'] }));
    await expect(Faulty.echo(1)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_WORKER_START' });
    const controller = new AbortController();
    const waiting = Faulty.noteUnlessAborted('', 0, controller.signal).catch(() => 'given up');
    const ended = executor.shutdown();
    controller.abort();
    await expect(waiting).resolves.toBe('given up');
    await ended;
  });

  it('await using shuts an executor down', async () => {
    let escaped: Promise<number>;
    {
      await using executor = use(make({ maxWorkers: 1 }));
      escaped = Faulty.block(50);
      expect(executor.statistics().queued + executor.statistics().running).toBe(1);
    }
    await expect(escaped).resolves.toBe(50);
    await expect(Faulty.echo(1)).rejects.toMatchObject(refusal);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const)(
    '%s to the whole group, as from a terminal, lets the calls finish',
    async (signal) => {
      const child = spawn(process.execPath, [join(root, 'test/faults/signal-script.mjs'), kind], {
        detached: true,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
      await until(() => output.includes('begun'), 'its calls run');
      process.kill(-(child.pid as number), signal);
      const [code] = (await once(child, 'close')) as [number];
      expect([code, output]).toEqual([0, `begun\n${signal}\n["ended","ended"]\n`]);
    },
  );
});
