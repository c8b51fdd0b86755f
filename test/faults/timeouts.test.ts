import 'reflect-metadata';
import { kinds } from '../support/executors';
import { Faulty } from './services';
import { endExecutors, holdLoop, Log, until, use } from './support';

afterEach(endExecutors);
afterAll(() => Log.removeAll());

describe.each(kinds)('in %s', (_, make) => {
  it('a synchronous infinite loop is really stopped, and harms nobody', async () => {
    use(make({ maxWorkers: 2 }));
    const neighbour = Faulty.block(500);
    await expect(Faulty.spinUntilTimeout()).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_CALL_TIMEOUT',
      message: 'Faulty.spinUntilTimeout ran for longer than its timeoutMs of 300 ms.',
    });
    await expect(neighbour).resolves.toBe(500);
    await expect(Promise.all([Faulty.block(10), Faulty.block(10)])).resolves.toEqual([10, 10]);
  });

  it('timeoutMs counts from the start of execution, not from the submission', async () => {
    use(make({ maxWorkers: 1 }));
    // Together they take far longer than the timeout of each.
    const calls = [Faulty.block(300), ...Array.from({ length: 5 }, () => Faulty.timed(60))];
    await expect(Promise.all(calls)).resolves.toEqual([300, 60, 60, 60, 60, 60]);
  });

  it('the time of each begins as it does, where short calls with a timeout stand behind each other', async () => {
    use(make({ maxWorkers: 1 }));
    const short = async (): Promise<void> => {
      for (let call = 0; call < 100; call++) await Faulty.timed(0);
    };
    await Promise.all(Array.from({ length: 20 }, short));
    // They are sent together now, and take longer than the timeout of each.
    const calls = [100, 100, 100].map((ms) => Faulty.timed(ms));
    await expect(Promise.all(calls)).resolves.toEqual([100, 100, 100]);
  });

  it('the time of a call that runs is not begun anew by those that are sent behind it', async () => {
    use(make({ maxWorkers: 1 }));
    await Promise.all(Array.from({ length: 500 }, () => Faulty.timed(0)));
    let isOver = false;
    const long = Faulty.timed(20_000).finally(() => (isOver = true));
    const others: Promise<number>[] = [];
    const sendAnother = (): void => void others.push(Faulty.timed(0));
    sendAnother();
    const timer = setInterval(
      () => (isOver || others.length === 500 ? clearInterval(timer) : sendAnother()),
      10,
    );
    await expect(long).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CALL_TIMEOUT' });
    clearInterval(timer);
    expect(others.length).toBeLessThan(500);
    expect(new Set(await Promise.all(others))).toEqual(new Set([0]));
  });

  it('queueTimeoutMs counts from the submission', async () => {
    use(make({ maxWorkers: 1 }));
    const log = new Log();
    const blocking = Faulty.block(600, log.path);
    await until(() => log.lines().length > 0, 'the worker is busy');
    await expect(Faulty.impatient()).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_CALL_TIMEOUT',
      message: 'Faulty.impatient waited for a worker for longer than its queueTimeoutMs of 100 ms.',
    });
    await blocking;
    await expect(Faulty.impatient()).resolves.toBe('begun');
  });

  it('a call that ended in time is not timed out because its caller’s loop was held up', async () => {
    use(make({ maxWorkers: 1 }));
    await Faulty.timed(1);
    const log = new Log();
    const call = Faulty.timed(10, log.path);
    await new Promise((resolve) => setImmediate(resolve));
    holdLoop(600, () => log.lines().length > 0);
    await expect(call).resolves.toBe(10);
  });

  it('a call that has begun does not time out as one that waits, though it was sent behind those given up', async () => {
    use(make({ maxWorkers: 1 }));
    const log = new Log();
    const { signal } = new AbortController();
    await Faulty.block(0);
    for (let count = 0; count < 200; count++) {
      await Promise.all([Faulty.block(0), Faulty.begun(0), Faulty.noteUnlessAborted(log.path, -1, signal)]);
    }
    const controller = new AbortController();
    const given = [1, 2].map((id) =>
      Faulty.noteUnlessAborted(log.path, id, controller.signal).catch(() => 'given up'),
    );
    const call = Faulty.begun(1_500);
    // By now all of them were sent, and none has begun.
    for (let turn = 0; turn < 4; turn++) await null;
    controller.abort();
    await expect(Promise.all(given)).resolves.toEqual(['given up', 'given up']);
    await expect(call).resolves.toBe('begun');
  });

  it('timeoutMs begins anew where a call runs again', async () => {
    use(make({ maxWorkers: 1 }));
    await expect(Faulty.crashLate(new Log().path)).resolves.toBe('ended');
  });

  it('a late answer of a timed-out call is never taken for another’s', async () => {
    use(make({ maxWorkers: 1 }));
    const { signal } = new AbortController();
    let timedOut = 0;
    for (let id = 0; id < 60; id++) {
      const raced = Faulty.race(id, 8 + (id % 5), signal);
      const next = Faulty.echo(`next ${id}`);
      try {
        expect(await raced).toBe(id);
      } catch (error) {
        expect(error).toMatchObject({ code: 'ERR_OFFLOOP_CALL_TIMEOUT' });
        timedOut++;
      }
      expect(await next).toBe(`next ${id}`);
    }
    expect(timedOut).toBeGreaterThan(0);
  });
});
