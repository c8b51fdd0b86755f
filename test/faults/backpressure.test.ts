import 'reflect-metadata';
import { InlineExecutor, runInExecutor } from 'offloop';
import { kinds } from '../support/executors';
import { runScript } from '../support/run-script';
import { Faulty } from './services';
import { endExecutors, EXECUTOR, Log, until, use } from './support';

afterEach(endExecutors);
afterAll(() => Log.removeAll());

const double = runInExecutor(EXECUTOR, (value: number) => value * 2);
const oneAtATime = runInExecutor(
  EXECUTOR,
  (value: number) => new Promise<number>((resolve) => setTimeout(resolve, 10, value)),
  { concurrency: 1 },
);

describe.each(kinds)('in %s', (kind, make) => {
  it('maxQueue refuses calls at once, and the rest is undisturbed', async () => {
    use(make({ maxWorkers: 1, maxQueue: 2 }));
    const calls = [Faulty.block(50), Faulty.echo(1), Faulty.echo(2)];
    const refused = await Promise.allSettled(Array.from({ length: 5 }, (_, id) => Faulty.echo(id)));
    for (const one of refused) {
      expect((one as PromiseRejectedResult).reason).toMatchObject({
        code: 'ERR_OFFLOOP_QUEUE_FULL',
        message: expect.stringMatching(/^Faulty\.echo: 2 calls wait already.*raise maxQueue/) as string,
      });
    }
    await expect(Promise.all(calls)).resolves.toEqual([50, 1, 2]);
    await expect(Faulty.echo('there is room again')).resolves.toBe('there is room again');
  });

  it('maxQueue counts neither calls that a worker takes at once nor those that were given up', async () => {
    use(make({ maxWorkers: 1, maxQueue: 0 }));
    await expect(Faulty.echo('the first starts a worker')).resolves.toBe('the first starts a worker');
    const running = Faulty.block(100);
    await expect(Faulty.echo(1)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_QUEUE_FULL' });
    await running;
    await endExecutors();
    const executor = use(make({ maxWorkers: 1, maxQueue: 3 }));
    const log = new Log();
    const blocking = Faulty.block(300, log.path);
    await until(() => log.lines().length > 0, 'the worker is busy');
    const controller = new AbortController();
    const given = Array.from({ length: 3 }, (_, id) =>
      Faulty.noteUnlessAborted(log.path, id, controller.signal).catch(() => 'given up'),
    );
    controller.abort();
    await expect(Promise.all(given)).resolves.toEqual(given.map(() => 'given up'));
    expect(executor.statistics().queued).toBe(0);
    const calls = [1, 2, 3].map((value) => Faulty.echo(value));
    await expect(Promise.all(calls)).resolves.toEqual([1, 2, 3]);
    await blocking;
    expect(log.lines()).toEqual(['begun']);
  });

  it('maxQueue lets a call wait for the worker that replaces one', async () => {
    use(make({ maxWorkers: 1, maxQueue: 0, maxCallsPerWorker: 1 }));
    for (let value = 0; value < 3; value++) await expect(Faulty.echo(value)).resolves.toBe(value);
  });

  it('no more calls of a method run at once than its concurrency allows', async () => {
    use(make({ maxWorkers: 3 }));
    const log = new Log();
    // Three workers, so that three calls could run at once.
    await Promise.all([Faulty.block(300), Faulty.block(300), Faulty.block(300), Faulty.block(300)]);
    await Promise.all(Array.from({ length: 20 }, () => Faulty.atMostTwo(log.path)));
    let running = 0;
    let most = 0;
    for (const line of log.lines()) most = Math.max(most, (running += line === '+' ? 1 : -1));
    expect(running).toBe(0);
    expect(most).toBeLessThanOrEqual(2);
  });

  it.each([0, 1, 3])('map makes no more calls than a maxQueue of %i has room for', async (maxQueue) => {
    const executor = use(make({ maxWorkers: 2, maxQueue }));
    const results: number[] = [];
    for await (const result of executor.map(double, Array(100).keys())) results.push(result);
    expect(results).toEqual(Array.from({ length: 100 }, (_, value) => value * 2));
  });

  it('maxQueue counts those that wait for others of their method, whatever workers there are', async () => {
    for (const minWorkers of [0, 3]) {
      const executor = use(make({ minWorkers, maxWorkers: 3, maxQueue: 1 }));
      if (minWorkers > 0) {
        await double(1);
        await until(() => executor.statistics().idle === minWorkers, 'all workers are there');
      }
      const calls = [oneAtATime(1), oneAtATime(2), oneAtATime(3)];
      // Those of other methods have workers of their own.
      const others = [double(1), double(2)];
      await expect(calls.pop()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_QUEUE_FULL' });
      await expect(Promise.all([...calls, ...others])).resolves.toEqual([1, 2, 2, 4]);
      const results: number[] = [];
      for await (const result of executor.map(oneAtATime, [1, 2, 3, 4])) results.push(result);
      expect(results).toEqual([1, 2, 3, 4]);
      await endExecutors();
    }
  });

  it('map pulls lazily, and a slow consumer holds it back', async () => {
    const executor = use(make({ maxWorkers: 2 }));
    let pulled = 0;
    function* numbers(): Generator<number> {
      for (let value = 0; ; value++) {
        pulled++;
        yield value;
      }
    }
    const results: number[] = [];
    for await (const result of executor.map(double, numbers(), { concurrency: 5 })) {
      results.push(result);
      expect(pulled).toBeLessThanOrEqual(results.length + 5);
      if (results.length === 50) break;
    }
    expect(results).toEqual(Array.from({ length: 50 }, (_, value) => value * 2));
  });

  it('timers have their turn while callers take longer for each outcome than workers do', async () => {
    use(make({ maxWorkers: 3 }));
    await Promise.all(Array.from({ length: 64 }, () => Faulty.echo('warm')));
    let left = 3_000;
    let inOneTurn = 0;
    let most = 0;
    const timer = setInterval(() => (inOneTurn = 0), 1);
    const consume = async (): Promise<void> => {
      while (left-- > 0) {
        await Faulty.echo(left);
        for (const end = performance.now() + 0.2; performance.now() < end;);
        most = Math.max(most, ++inOneTurn);
      }
    };
    await Promise.all(Array.from({ length: 24 }, consume));
    clearInterval(timer);
    expect(most).toBeLessThan(500);
  });

  it('a million calls through map hold memory flat', async () => {
    const { stdout, stderr, code } = await runScript('test/faults/map-script.mjs', {
      nodeArgs: ['--expose-gc'],
      args: [kind, '1000000'],
    });
    expect([stderr, code]).toEqual(['', 0]);
    const { sum, heapMb } = JSON.parse(stdout) as { sum: number; heapMb: number[] };
    expect(sum).toBe(999_999 * 1_000_000);
    const [warm, ...later] = heapMb;
    expect(Math.max(...later)).toBeLessThan(warm + 5);
  });
});

it('map costs no more for each item where tens of thousands of results wait for their turn', async () => {
  const executor = use(new InlineExecutor({ copy: false }));
  const items = Array.from({ length: 50_000 }, (_, value) => value);
  const msAfterFirst = async (concurrency: number): Promise<number> => {
    let begin: number | undefined;
    for await (const result of executor.map(double, items, { concurrency })) {
      if (result === 0) begin = performance.now();
    }
    return performance.now() - (begin as number);
  };
  await msAfterFirst(100);
  const few = await msAfterFirst(100);
  const many = await msAfterFirst(items.length);
  // With all of them begun before the first result, less is left to do.
  expect(many).toBeLessThan(few * 2);
});
