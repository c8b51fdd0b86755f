import 'reflect-metadata';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { type WorkerLostError } from 'offloop';
import { kinds, makeProcesses, makeThreads } from '../support/executors';
import { Faulty, type Crash } from './services';
import { endExecutors, holdLoop, Log, until, use } from './support';

afterEach(endExecutors);
afterAll(() => Log.removeAll());

type Loss = Partial<Pick<WorkerLostError, 'exitCode' | 'signal'>>;

const inBoth: [Crash, Loss][] = [
  ['process.exit', { exitCode: 3, signal: null }],
  ['an exception in the background', { exitCode: 1, signal: null }],
  ['a rejection in the background', { exitCode: 1, signal: null }],
  ['a rejection that is no error', { exitCode: 1, signal: null }],
];
const inProcesses: [Crash, Loss][] = [
  ['SIGKILL', { exitCode: null, signal: 'SIGKILL' }],
  ['SIGSEGV', { exitCode: null, signal: 'SIGSEGV' }],
  ['process.abort', { exitCode: null, signal: 'SIGABRT' }],
  ['garbage on the pipe', {}],
  ['a pipe that it closed', { signal: 'SIGKILL' }],
];

describe.each(kinds)('in %s', (kind, make) => {
  it.each(kind === 'processes' ? [...inBoth, ...inProcesses] : inBoth)(
    '%s costs the call that was running, and no other; the pool is back at size for the next call',
    async (crash, how) => {
      const executor = use(make({ maxWorkers: 2 }));
      const others = [Faulty.echo(1), Faulty.block(20)];
      const lost = Faulty.crash(crash);
      others.push(...Array.from({ length: 30 }, (_, index) => Faulty.echo(index)));
      await expect(lost).rejects.toMatchObject({
        code: 'ERR_OFFLOOP_WORKER_LOST',
        workerId: expect.any(Number) as number,
        message: expect.stringMatching(/^Faulty\.crash: its worker \d+ ended/) as string,
        ...how,
      });
      await expect(Promise.all(others)).resolves.toHaveLength(32);
      await expect(Promise.all([Faulty.block(30), Faulty.block(30)])).resolves.toEqual([30, 30]);
      expect(executor.statistics()).toMatchObject({ rejected: 1, fulfilled: 34, queued: 0 });
    },
  );

  it('each lost call has an error of its own', async () => {
    use(make({ maxWorkers: 2 }));
    await Faulty.echo('warm');
    const lost = await Promise.allSettled([Faulty.crash('process.exit'), Faulty.crash('process.exit')]);
    const errors = lost.map((one) => (one as PromiseRejectedResult).reason as WorkerLostError);
    expect(errors[0]).not.toBe(errors[1]);
    expect(errors.map(({ code }) => code)).toEqual(['ERR_OFFLOOP_WORKER_LOST', 'ERR_OFFLOOP_WORKER_LOST']);
    expect(new Set(errors.map(({ workerId }) => workerId)).size).toBe(2);
  });

  it('calls that had not begun run elsewhere, each exactly once', async () => {
    use(make({ maxWorkers: 2 }));
    const log = new Log();
    // Cheap calls first, so that the pool knows them as such, and sends many at a time.
    await Promise.all(Array.from({ length: 500 }, (_, id) => Faulty.note(log.path, -id, false)));
    const settled = await Promise.allSettled(
      Array.from({ length: 500 }, (_, id) => Faulty.note(log.path, 1_000 + id, id % 100 === 50)),
    );
    const rejected = settled.flatMap(({ status }, id) => (status === 'rejected' ? [id] : []));
    expect(rejected).toEqual([50, 150, 250, 350, 450]);
    const ran = log.lines().filter((line) => Number(line) >= 1_000);
    expect(ran).toHaveLength(500);
    expect(new Set(ran).size).toBe(500);
  });

  it('what a call left behind ends the worker before those that were sent have begun, and costs none', async () => {
    use(make({ maxWorkers: 1 }));
    const log = new Log();
    await Promise.all(Array.from({ length: 500 }, (_, id) => Faulty.echo(id)));
    await Faulty.crashAfter(300, log.path);
    await until(() => log.lines().length > 0, 'the worker is about to end');
    const dates = Array.from({ length: 5 }, (_, id) => new Date(id));
    await expect(Promise.all(dates.map((date) => Faulty.echo(date)))).resolves.toEqual(dates);
  });

  it('a large result is not lost with the worker that the call behind it ends', async () => {
    use(make({ maxWorkers: 1 }));
    const log = new Log();
    // Cheap calls first, so that the pool knows them as such, and sends many at a time.
    await Promise.all(Array.from({ length: 500 }, () => Faulty.answerOrCrash('', 0)));
    const large = 8 * 1024 * 1024;
    const calls = Promise.allSettled([
      Faulty.answerOrCrash(log.path, large),
      Faulty.answerOrCrash(log.path, 0, true),
      Faulty.answerOrCrash(log.path, 1),
    ]);
    await new Promise((resolve) => setImmediate(resolve));
    // Nobody reads the result meanwhile.
    holdLoop(200, () => log.lines().length > 0);
    const [result, crashed, last] = await calls;
    expect(result).toMatchObject({ status: 'fulfilled', value: { length: large } });
    expect(crashed).toMatchObject({ reason: { code: 'ERR_OFFLOOP_WORKER_LOST', exitCode: 5 } });
    expect(last).toMatchObject({ status: 'fulfilled' });
    expect(log.lines()).toEqual([String(large), 'crashing', '1']);
  });

  it('retriesOnLoss runs a call again as often as asked, and only then', async () => {
    use(make({ maxWorkers: 1 }));
    const log = new Log();
    await expect(Faulty.crashAtFirst(log.path)).rejects.toMatchObject({ exitCode: 9, workerId: 3 });
    expect(log.lines()).toHaveLength(3);
    await expect(Faulty.crash('process.exit')).rejects.toMatchObject({ workerId: 4 });
  });

  it('calls behind a long one are given to another worker', async () => {
    use(make({ maxWorkers: 2 }));
    const log = new Log();
    await Promise.all(Array.from({ length: 2_000 }, () => Faulty.block(0)));
    // The pool takes them for short ones, and sends several to each worker.
    const calls = Array.from({ length: 40 }, (_, index) => Faulty.block(index === 3 ? 1_500 : 0, log.path));
    const long = calls.splice(3, 1)[0];
    let isOver = false;
    void long.then(() => (isOver = true));
    await Promise.all(calls);
    expect(isOver).toBe(false);
    await long;
    expect(log.lines()).toHaveLength(40);
  });

  it('calls that wait for each other meet, however short their like were before', async () => {
    use(make({ maxWorkers: 2 }));
    const place = new Log().path;
    for (let round = 0; round < 20; round++) {
      await Promise.all(Array.from({ length: 20 }, () => Faulty.meet(place, 'self', 'self')));
    }
    await expect(Promise.all([Faulty.meet(place, 'a', 'b'), Faulty.meet(place, 'b', 'a')])).resolves.toEqual([
      'a',
      'b',
    ]);
  });
});

describe('in processes', () => {
  const make = makeProcesses;

  it('an end in the middle of a large result costs that call alone', async () => {
    use(make({ maxWorkers: 1 }));
    const lost = Faulty.crashWhileAnswering(64 * 1024 * 1024);
    const next = Faulty.echo('next');
    await expect(lost).rejects.toMatchObject({ code: 'ERR_OFFLOOP_WORKER_LOST', signal: 'SIGKILL' });
    await expect(next).resolves.toBe('next');
  });

  it('a child that has closed the pipe of its calls is replaced, and costs none', async () => {
    use(make({ maxWorkers: 1 }));
    await Faulty.closeCalls();
    const log = new Log();
    await Promise.all([Faulty.answerOrCrash(log.path, 1), Faulty.answerOrCrash(log.path, 2)]);
    expect(log.lines()).toEqual(['1', '2']);
  });

  it('a worker that was killed while idle costs no call', async () => {
    use(make({ maxWorkers: 1 }));
    for (let round = 0; round < 5; round++) {
      const { pid } = await Faulty.place();
      process.kill(pid, 'SIGKILL');
      // The executor cannot know yet.
      await expect(Faulty.echo(round)).resolves.toBe(round);
    }
  });

  it('a worker that was killed while idle costs none of the calls that are sent before that is known', async () => {
    use(make({ maxWorkers: 1 }));
    await Promise.all(Array.from({ length: 500 }, (_, id) => Faulty.echo(new Date(id))));
    const { pid } = await Faulty.place();
    process.kill(pid, 'SIGKILL');
    // The last of its threads has gone, and the executor has not heard of it.
    const state = (): string => execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
    while (!/^Z[^l]*$/.test(state().trim()));
    const dates = Array.from({ length: 5 }, (_, id) => new Date(id));
    await expect(Promise.all(dates.map((date) => Faulty.echo(date)))).resolves.toEqual(dates);
  });

  it('what is sent leaves the memory of others alone, whatever size their pool has', async () => {
    const { poolSize } = Buffer;
    Buffer.poolSize = 64 * 1024;
    use(make({ maxWorkers: 1 }));
    const mine: Buffer[] = [];
    for (let round = 0; round < 30; round++) {
      await Faulty.echo(['x'.repeat(20_000), new Uint8Array(70_000)]);
      for (let count = 0; count < 100; count++) mine.push(Buffer.from('what is mine'));
    }
    Buffer.poolSize = poolSize;
    expect(mine.filter((one) => one.toString() !== 'what is mine')).toEqual([]);
  });

  it('a worker that was killed in the middle of a large argument costs no call', async () => {
    use(make({ maxWorkers: 1 }));
    const { pid } = await Faulty.place();
    process.kill(pid, 'SIGSTOP');
    const large = Buffer.alloc(32 * 1024 * 1024, 7);
    const call = Faulty.echo(large);
    setImmediate(() => process.kill(pid, 'SIGKILL'));
    await expect(call.then((bytes) => bytes.equals(large))).resolves.toBe(true);
  });
});

describe('in threads', () => {
  it('process.abort, which a thread does not have, is an error of the call', async () => {
    use(makeThreads({ maxWorkers: 1 }));
    await expect(Faulty.crash('process.abort')).rejects.toMatchObject({
      code: 'ERR_WORKER_UNSUPPORTED_OPERATION',
    });
  });

  it('an exception in the background is told by the message of the loss, and is its cause as itself', async () => {
    use(makeThreads({ maxWorkers: 1 }));
    const lost: unknown = await Faulty.crash('an exception in the background').catch(
      (error: unknown) => error,
    );
    const { message, cause } = lost as WorkerLostError;
    expect(message).toMatch(/ended with exit code 1 \(in the background\) while it ran the call/);
    expect(cause).toBeInstanceOf(RangeError);
    expect((cause as RangeError).cause).toBeInstanceOf(TypeError);
    expect(inspect(cause)).toMatch(/^RangeError: in the background\n +at/);
  });

  it('a worker that ends while it has no call costs none', async () => {
    const executor = use(makeThreads({ maxWorkers: 1 }));
    await expect(Faulty.crash('process.exit')).rejects.toMatchObject({ code: 'ERR_OFFLOOP_WORKER_LOST' });
    await until(() => executor.statistics().running === 0, 'the worker is gone');
    await expect(Faulty.echo('next')).resolves.toBe('next');
  });

  it('what ends a worker that runs no call is told as a warning, for no call tells of it', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    try {
      use(makeThreads({ maxWorkers: 1 }));
      await Faulty.crashAfter(0, new Log().path);
      await until(() => warn.mock.calls.length > 0, 'the warning');
      await expect(Faulty.echo('next')).resolves.toBe('next');
      await expect(Faulty.crash('an exception in the background')).rejects.toMatchObject({ exitCode: 1 });
      expect(warn.mock.calls).toEqual([
        [
          expect.stringMatching(/^worker 1 of this ThreadExecutor ended .* while it ran no call/),
          {
            type: 'OffloopWarning',
            code: 'OFFLOOP_WORKER_LOST',
            detail: expect.stringMatching(/^RangeError.*: in the background\n +at/) as string,
          },
        ],
      ]);
    } finally {
      warn.mockRestore();
    }
  });
});

describe('in processes whose watchdog is slow to tell what it has taken back', () => {
  const useSlow = (): void => {
    const execArgv = ['--require', join(__dirname, 'slow-watchdog.cjs')];
    use(makeProcesses({ maxWorkers: 2, execArgv }));
  };

  it('no call is lost', async () => {
    useSlow();
    await Promise.all(Array.from({ length: 500 }, (_, id) => Faulty.echo(id)));
    const long = [Faulty.block(40), Faulty.block(40)];
    let next = 0;
    const one = async (): Promise<void> => {
      while (next < 12_000) {
        const id = next++;
        await expect(Faulty.echo(id)).resolves.toBe(id);
      }
    };
    await Promise.all([...long, ...Array.from({ length: 400 }, one)]);
  });

  it('a loss costs the call that was running, and not one that was taken back', async () => {
    useSlow();
    const log = new Log();
    await Promise.all(Array.from({ length: 500 }, (_, id) => Faulty.note(log.path, -id, false)));
    const long = [Faulty.block(40), Faulty.block(40)];
    const notes = Array.from({ length: 200 }, (_, id) => Faulty.note(log.path, 1 + id, false));
    await Promise.all(long);
    await Promise.race(notes);
    const crashes = [1_001, 1_002].map((id) => Faulty.note(log.path, id, true));
    const settled = await Promise.allSettled(crashes);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(Promise.all(notes)).resolves.toHaveLength(200);
    const ran = log.lines().filter((line) => Number(line) > 0);
    expect(ran.sort()).toEqual([...new Set(ran)]);
    expect(ran).toHaveLength(202);
  });
});
