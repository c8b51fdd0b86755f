import 'reflect-metadata';
import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { NotCloneableError } from 'offloop';
import { Faulty } from './services';
import { kinds } from '../support/executors';
import { endExecutors, holdLoop, Log, until, use } from './support';

afterEach(endExecutors);
afterAll(() => Log.removeAll());

const aborted = { name: 'AbortError' };

describe.each(kinds)('in %s', (_, make) => {
  it('an aborted call never runs, however many are sent to a worker that does not read them', async () => {
    use(make({ maxWorkers: 1 }));
    const log = new Log();
    await Faulty.noteUnlessAborted(log.path, -1, new AbortController().signal);
    await Faulty.blockLater(1_000);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const rejected: Promise<unknown>[] = [];
    for (let id = 0; id < 5_000; id++) {
      const controller = new AbortController();
      rejected.push(
        Faulty.noteUnlessAborted(log.path, id, controller.signal).catch((error: unknown) => error),
      );
      controller.abort();
      await null;
    }
    for (const reason of await Promise.all(rejected)) expect(reason).toMatchObject(aborted);
    await expect(Faulty.echo('after')).resolves.toBe('after');
    // One may have begun before it was aborted.
    expect(log.lines().length).toBeLessThanOrEqual(2);
  });

  it('a call that stopped in its grace is not ended later, with what runs then, after its caller’s loop was held up', async () => {
    const executor = use(make({ maxWorkers: 1 }));
    await Promise.all(
      Array.from({ length: 500 }, () => Promise.all([Faulty.stopInGrace(), Faulty.block(0)])),
    );
    for (let isSent = false; !isSent;) {
      const log = new Log();
      const controller = new AbortController();
      const stopped = Faulty.stopInGrace(log.path, controller.signal).catch(() => 'given up');
      const next = Faulty.block(1_000, log.path);
      await until(() => log.lines().length > 0, 'the first call runs');
      // It stands behind the first, where nothing has held this thread up between the two.
      isSent = executor.statistics().queued === 0;
      controller.abort();
      await new Promise((resolve) => setImmediate(resolve));
      if (isSent) holdLoop(300, () => log.lines().length > 1);
      await expect(stopped).resolves.toBe('given up');
      await expect(next).resolves.toBe(1_000);
    }
  });

  it('an aborted call is stopped although the outcomes of those before it were not read yet', async () => {
    use(make({ maxWorkers: 1 }));
    await Promise.all(Array.from({ length: 500 }, () => Faulty.echo(0)));
    const controller = new AbortController();
    for (let round = 0; round < 200; round++)
      await Faulty.noteUnlessAborted('/dev/null', 0, controller.signal);
    const calls = [Faulty.echo(1), Faulty.echo(2)];
    const stuck = expect(Faulty.spinWith(controller.signal)).rejects.toMatchObject(aborted);
    await null;
    await null;
    // Nothing is read here while the worker goes through all three.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    controller.abort();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    await stuck;
    await Promise.all(calls);
    await expect(Faulty.echo('freed')).resolves.toBe('freed');
  });

  it.each([
    ['a stream', () => Object.assign(new Error('upstream failed'), { body: Readable.from([]) })],
    ['a web stream', () => Object.assign(new Error('upstream failed'), { body: new ReadableStream() })],
    ['a function', () => (): undefined => undefined],
  ])('a reason that holds %s rejects the call, and harms nobody', async (_what, reasonOf) => {
    use(make({ maxWorkers: 1 }));
    const log = new Log();
    const controller = new AbortController();
    const running = Faulty.untilAborted(log.path, controller.signal);
    await until(() => log.lines().length > 0, 'it runs');
    const reason = reasonOf();
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
    await until(() => log.lines().length > 1, 'it has heard of the abort');
    await expect(Faulty.echo('after')).resolves.toBe('after');
  });

  it('the reason that many calls end with tells of the place that made them once', async () => {
    use(make({ maxWorkers: 1 }));
    const controller = new AbortController();
    const calls = Array.from({ length: 200 }, () =>
      Faulty.noteUnlessAborted('/dev/null', 0, controller.signal).catch((error: unknown) => error),
    );
    const together = Promise.all(
      calls.map(() => Faulty.noteUnlessAborted('/dev/null', 0, controller.signal)),
    );
    const reason = new Error('enough');
    controller.abort(reason);
    expect(new Set(await Promise.all(calls))).toEqual(new Set([reason]));
    await expect(together).rejects.toBe(reason);
    expect(reason.stack?.split('\n').length).toBeLessThan(30);
  });

  it('a call that is given up or refused leaves its place to the next of its method', async () => {
    use(make({ maxWorkers: 2 }));
    const early = new AbortController();
    // Its worker has not started yet.
    const starting = expect(Faulty.oneAtATime(1, 0, early.signal)).rejects.toMatchObject(aborted);
    early.abort();
    await starting;
    await expect(Faulty.oneAtATime(2, 0)).resolves.toBe(2);
    let looks = 0;
    const second = {
      get value(): number {
        if (++looks > 1) throw new RangeError('only once');
        return 1;
      },
    };
    await expect(Faulty.oneAtATime(second, 0)).rejects.toBeInstanceOf(NotCloneableError);
    const controller = new AbortController();
    const calls = [
      Faulty.oneAtATime(3, 50),
      Faulty.oneAtATime(4, 0, controller.signal),
      Faulty.oneAtATime(5, 0),
    ];
    controller.abort();
    await expect(calls[1]).rejects.toMatchObject(aborted);
    await expect(Promise.all([calls[0], calls[2]])).resolves.toEqual([3, 5]);
  });

  it('arguments whose getter throws when they are sent reject their call alone', async () => {
    use(make({ maxWorkers: 1 }));
    await Promise.all(Array.from({ length: 300 }, (_unused, id) => Faulty.echo(id)));
    const calls = Array.from({ length: 20 }, (_unused, id) => {
      let looks = 0;
      const value = {
        get id(): number {
          if (id % 5 === 0 && ++looks > 1) throw new RangeError('only once');
          return id;
        },
      };
      return Faulty.echo(value);
    });
    for (const [id, outcome] of (await Promise.allSettled(calls)).entries()) {
      if (id % 5 === 0) expect(outcome).toMatchObject({ reason: { code: 'ERR_OFFLOOP_NOT_CLONEABLE' } });
      else expect(outcome).toEqual({ status: 'fulfilled', value: { id } });
    }
  });
});
