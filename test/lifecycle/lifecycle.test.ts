import 'reflect-metadata';
import {
  ProcessExecutor,
  registerExecutor,
  ThreadExecutor,
  type Executor,
  type PoolOptions,
  type WorkerLostError,
} from 'offloop';
import { EXECUTOR, Work } from './services';

const kinds: [string, (options: PoolOptions) => Executor][] = [
  ['threads', (options) => new ThreadExecutor(options)],
  ['processes', (options) => new ProcessExecutor(options)],
];

let executor: Executor;

/** Registers the executor that `Work` runs in; it is shut down after the test. */
function use(made: Executor): Executor {
  executor = made;
  registerExecutor(EXECUTOR, { useValue: made });
  return made;
}

afterEach(() => executor.shutdown({ cancelPending: true, drainTimeoutMs: 5_000 }));

describe.each(kinds)('%s', (kind, make) => {
  it('run each call that comes while the last worker ends for having been idle', async () => {
    use(make({ maxWorkers: 1, idleTimeoutMs: 1 }));
    for (let index = 0; index < 30; index++) {
      await expect(Work.echo(index)).resolves.toBe(index);
      await new Promise((resolve) => setTimeout(resolve, 5 + (index % 6)));
    }
  });

  it.each<[string, () => Promise<unknown>, Partial<WorkerLostError>]>([
    ['process.exit', () => Work.exit(3), { exitCode: 3, signal: null }],
    ['an exception in the background', () => Work.crashInBackground(), { exitCode: 1, signal: null }],
    ...(kind === 'processes'
      ? [['SIGKILL', () => Work.kill(), { exitCode: null, signal: 'SIGKILL' }] as never]
      : []),
  ])('lose one call to %s, and complete all others', async (_, crash, how) => {
    use(make({ maxWorkers: 2 }));
    const others = [Work.echo(1), Work.echo(2), Work.block(20)];
    const lost = crash();
    others.push(...Array.from({ length: 20 }, (_, index) => Work.echo(index)));
    await expect(lost).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_WORKER_LOST',
      ...how,
      workerId: expect.any(Number),
      message: expect.stringContaining('Work.'),
    });
    await expect(Promise.all(others)).resolves.toHaveLength(23);
    await expect(Work.echo('healed')).resolves.toBe('healed');
  });

  it('lose one call to exhausted memory', async () => {
    use(make({ maxWorkers: 1, resourceLimits: { maxOldGenerationSizeMb: 32 } }));
    await expect(Work.exhaustMemory()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_WORKER_LOST' });
    await expect(Work.echo('healed')).resolves.toBe('healed');
  });

  it('retry a lost call only as often as asked', async () => {
    use(make({ maxWorkers: 1 }));
    await expect(Work.exitTwice()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_WORKER_LOST', workerId: 2 });
  });

  it('really stop a synchronous loop on timeout and on abort, and harm nobody', async () => {
    use(make({ maxWorkers: 2 }));
    const others = [Work.block(30), Work.echo(1)];
    await expect(Work.spin()).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_CALL_TIMEOUT',
      message: expect.stringContaining('timeoutMs of 300'),
    });
    const controller = new AbortController();
    const deaf = Work.spinDeaf(controller.signal);
    others.push(Work.block(40));
    setTimeout(() => controller.abort(Object.assign(new RangeError('enough'), { raw: () => 1 })), 100);
    await expect(deaf).rejects.toThrow(RangeError);
    await expect(Promise.all(others)).resolves.toEqual([30, 1, 40]);
    await expect(Work.echo('healed')).resolves.toBe('healed');
  });

  it('let a running call hear of its abort, and keep the worker that stops by itself', async () => {
    use(make({ maxWorkers: 1 }));
    const place = await Work.where();
    const controller = new AbortController();
    const running = Work.untilAborted(controller.signal);
    setTimeout(() => controller.abort('stop'), 50);
    await expect(running).rejects.toBe('stop');
    await expect(Work.where()).resolves.toBe(place);
  });

  it('count the slot of an aborted call as taken until its worker is really free', async () => {
    const used = use(make({ maxWorkers: 1 }));
    await Work.echo('warm');
    const controller = new AbortController();
    const deaf = Work.spinDeaf(controller.signal);
    const next = Work.echo('next');
    await new Promise((resolve) => setTimeout(resolve, 20));
    controller.abort('stop');
    await expect(deaf).rejects.toBe('stop');
    expect(used.statistics().running).toBeGreaterThanOrEqual(1);
    await expect(next).resolves.toBe('next');
  });

  it('are not disturbed by an abort after the call', async () => {
    use(make({ maxWorkers: 1 }));
    const controller = new AbortController();
    const place = await Work.where();
    await expect(Work.echo(controller.signal)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_NOT_CLONEABLE' });
    await expect(Work.block(1)).resolves.toBe(1);
    controller.abort();
    await expect(Work.where()).resolves.toBe(place);
  });

  it('move what is to be transferred between threads, and copy it between processes', async () => {
    use(make({ maxWorkers: 1 }));
    const bytes = new Uint8Array(1024);
    const filled = await Work.fill(bytes);
    expect([filled.length, filled[1023]]).toEqual([1024, 7]);
    expect(bytes.length).toBe(kind === 'threads' ? 0 : 1024);
    await expect(Work.moveAway()).resolves.toHaveLength(1024);
    await expect(Work.lengthOfMoved()).resolves.toBe(kind === 'threads' ? 0 : 1024);
  });

  it('reject a call that is aborted while it waits, and never run it', async () => {
    use(make({ maxWorkers: 1 }));
    const blocking = Work.block(100);
    const controller = new AbortController();
    const waiting = Work.spinDeaf(controller.signal);
    controller.abort('not now');
    await expect(waiting).rejects.toBe('not now');
    await expect(blocking).resolves.toBe(100);
    await expect(Work.echo('free')).resolves.toBe('free');
  });

  it('give up on a call that waits longer than its queueTimeoutMs', async () => {
    use(make({ maxWorkers: 1 }));
    await Work.echo('warm');
    const blocking = Work.block(500);
    await expect(Work.impatient()).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_CALL_TIMEOUT',
      message: expect.stringContaining('queueTimeoutMs'),
    });
    await blocking;
    await expect(Work.impatient()).resolves.toBe('begun');
  });

  it('refuse calls above maxQueue at once, and run the others', async () => {
    use(make({ maxWorkers: 1, maxQueue: 2 }));
    const calls = [Work.block(50), Work.echo(1), Work.echo(2)];
    await expect(Work.echo(3)).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_QUEUE_FULL',
      message: expect.stringContaining('maxQueue'),
    });
    await expect(Promise.all(calls)).resolves.toEqual([50, 1, 2]);
  });

  it('replace a worker after exactly maxCallsPerWorker calls, with a backlog', async () => {
    use(make({ maxWorkers: 2, maxCallsPerWorker: 10 }));
    const counts = new Map<string, number>();
    const places = await Promise.all(Array.from({ length: 60 }, () => Work.where()));
    for (const place of places) counts.set(place, (counts.get(place) ?? 0) + 1);
    expect([...counts.values()].every((count) => count <= 10)).toBe(true);
    expect(counts.size).toBeGreaterThanOrEqual(6);
  });

  it('let what nobody awaits go on in a worker between calls', async () => {
    use(make({ maxWorkers: 1 }));
    await Work.startTicking();
    const before = await Work.ticks();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await Work.ticks()) - before).toBeGreaterThan(20);
  });

  it('drain at shutdown, refuse later calls, and can be shut down again', async () => {
    const used = use(make({ maxWorkers: 1 }));
    const calls = [Work.block(50), Work.echo(1), Work.echo(2)];
    const done = used.shutdown();
    await expect(Work.echo(3)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_EXECUTOR_SHUTDOWN' });
    await done;
    await expect(Promise.all(calls)).resolves.toEqual([50, 1, 2]);
    await expect(used.shutdown()).resolves.toBeUndefined();
    expect(used.statistics()).toEqual({
      workers: 0,
      idle: 0,
      queued: 0,
      running: 0,
      fulfilled: 3,
      rejected: 0,
    });
  });

  it('with cancelPending, reject what waits and finish what runs', async () => {
    const used = use(make({ maxWorkers: 1 }));
    await Work.echo('warm');
    const running = Work.block(100);
    const waiting = [Work.echo(1), Work.echo(2)];
    const refused = Promise.allSettled(waiting);
    await used.shutdown({ cancelPending: true });
    await expect(running).resolves.toBe(100);
    expect((await refused).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('terminate what outlasts the drain timeout', async () => {
    const used = use(make({ maxWorkers: 1 }));
    await Work.echo('warm');
    const stuck = expect(Work.block(60_000)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_WORKER_LOST' });
    await used.shutdown({ drainTimeoutMs: 50 });
    await stuck;
  });

  it('retire idle workers', async () => {
    const used = use(make({ maxWorkers: 1, idleTimeoutMs: 50 }));
    const first = await Work.where();
    await new Promise<void>((resolve) => {
      const poll = setInterval(() => {
        if (used.statistics().workers > 0) return;
        clearInterval(poll);
        resolve();
      }, 10);
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await expect(Work.where()).resolves.not.toBe(first);
  });

  it('are not disturbed by the fake timers of a test', async () => {
    jest.useFakeTimers();
    use(make({ maxWorkers: 2 }));
    await expect(
      Promise.all(Array.from({ length: 50 }, (_, index) => Work.echo(index))),
    ).resolves.toHaveLength(50);
    await expect(Work.spin()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CALL_TIMEOUT' });
    jest.useRealTimers();
  });

  it('refuse unknown options and wrong values, with the mend', () => {
    use(make({}));
    expect(() => make({ maxWorker: 2 } as never)).toThrow(/no option 'maxWorker'. Did you mean 'maxWorkers'/);
    expect(() => make({ maxWorkers: 0 })).toThrow(/integer >= 1, found 0/);
    expect(() => make({ minWorkers: 3, maxWorkers: 2 })).toThrow(
      /minWorkers \(3\) is above maxWorkers \(2\)/,
    );
  });
});

describe('threads', () => {
  it('show an abort to a method in a synchronous loop', async () => {
    use(new ThreadExecutor({ maxWorkers: 1 }));
    const place = await Work.where();
    const controller = new AbortController();
    const spinning = Work.spinListening(controller.signal);
    setTimeout(() => controller.abort('look'), 50);
    await expect(spinning).rejects.toBe('look');
    // The same thread serves again: it was not terminated.
    await expect(Work.where()).resolves.toBe(place);
  });

  it('run as many calls of a method at once as its concurrency says', async () => {
    use(new ThreadExecutor({ maxWorkers: 3 }));
    const counter = new SharedArrayBuffer(8);
    const others = await Promise.all(Array.from({ length: 12 }, () => Work.alone(counter)));
    expect(others).toEqual(new Array(12).fill(0));
  });
});

describe('processes', () => {
  it('refuse shared memory', async () => {
    use(new ProcessExecutor({ maxWorkers: 1 }));
    await expect(Work.echo(new SharedArrayBuffer(8))).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_NOT_CLONEABLE',
      message: expect.stringContaining('use an executor of threads'),
    });
    await expect(Work.echo([new Blob(['x'])])).rejects.toMatchObject({ code: 'ERR_OFFLOOP_NOT_CLONEABLE' });
  });
});
