import 'reflect-metadata';
import { AsyncLocalStorage } from 'node:async_hooks';
import { container } from 'tsyringe';
import * as ts from 'typescript';
import {
  Cooperative,
  cooperative,
  due,
  executorToken,
  InlineExecutor,
  pause,
  registerExecutor,
  runInExecutor,
  shutdownExecutors,
  withContainer,
} from 'offloop';
import { DeterministicScheduler } from 'offloop/testing';
import { Computation, Derived } from './services';

const computation = new Computation();

/** A function as a compiler makes it for ES5, which has no generators. */
function forES5(source: string): (...args: unknown[]) => never {
  const { outputText } = ts.transpileModule(`return ${source};`, {
    compilerOptions: { target: ts.ScriptTarget.ES5, downlevelIteration: true },
  });
  return new Function(outputText)() as (...args: unknown[]) => never;
}

/** Counts the turns of the loop while a promise is pending. */
async function turnsDuring(promise: Promise<unknown>): Promise<number> {
  let turns = 0;
  let pending = true;
  const count = (): void => {
    turns++;
    if (pending) setImmediate(count);
  };
  setImmediate(count);
  await promise.finally(() => (pending = false));
  return turns;
}

afterAll(() => shutdownExecutors());

describe('a cooperative call', () => {
  it('gives the loop a turn after every N steps, literally', async () => {
    const turns = await turnsDuring(computation.count(10_000));
    expect(turns).toBeGreaterThanOrEqual(100);
    expect(turns).toBeLessThan(120);
    await expect(computation.count(10)).resolves.toBe(20);
  });

  it('gives timers and immediates of others their turn, by time', async () => {
    let fired = 0;
    const timer = setInterval(() => fired++, 1);
    // How many turns a time has depends on who else the machine serves.
    const untilFired = cooperative({ budgetMs: 5 }, function* () {
      for (const end = performance.now() + 20_000; fired <= 10 && performance.now() < end;) yield;
    });
    await untilFired();
    clearInterval(timer);
    expect(fired).toBeGreaterThan(10);
  });

  it('reads the clock more often as soon as steps have turned slow', async () => {
    const slowStepsPerTurn: number[] = [];
    let slowSteps = 0;
    let runs = true;
    const count = (): void => {
      if (slowSteps > 0) slowStepsPerTurn.push(slowSteps);
      slowSteps = 0;
      if (runs) setImmediate(count);
    };
    setImmediate(count);
    await cooperative({ budgetMs: 2 }, function* () {
      for (let step = 0; step < 100_000; step++) yield;
      for (; slowStepsPerTurn.length < 3; slowSteps++) {
        for (const end = performance.now() + 1; performance.now() < end;);
        yield;
      }
    })();
    runs = false;
    // The first of these turns cannot know; each of the others has time for two of these steps.
    for (const steps of slowStepsPerTurn.slice(1)) expect(steps).toBeLessThan(8);
  });

  it('shares one budget with a hundred others: a timer waits no longer', async () => {
    const gaps: number[] = [];
    let last = performance.now();
    const timer = setInterval(() => {
      gaps.push(performance.now() - last);
      last = performance.now();
    }, 5);
    await Promise.all(Array.from({ length: 100 }, () => computation.byTime(300)));
    clearInterval(timer);
    // A hundred separate budgets of 5 ms would hold the timer for half a second.
    expect(gaps.sort((left, right) => left - right)[gaps.length >> 1]).toBeLessThan(100);
  });

  it('makes progress with N = 1 among ten of N = 1,000,000', async () => {
    const steps = (count: number) =>
      function* (): Generator<void, number, void> {
        for (let step = 0; step < count; step++) yield;
        return count;
      };
    const large = Array.from({ length: 10 }, () => cooperative(1_000_000, steps(3_000_000))());
    await expect(cooperative(1, steps(3))()).resolves.toBe(3);
    await expect(Promise.all(large)).resolves.toHaveLength(10);
  });

  it('keeps `this`, arguments, results, yield*, static methods and inheritance', async () => {
    await expect(computation.outer()).resolves.toEqual(['a', 'b']);
    await expect(Computation.twice(21)).resolves.toBe('Computation 42');
    await expect(new Derived().count(7)).resolves.toBe(21);
  });

  it('steps the generators that a compiler makes for ES5, and closes them', async () => {
    const steps = cooperative(
      1,
      forES5(`function* (log, signal, abort) {
        try {
          for (var step = 0; step < 3; step++) { log.push(step); if (step === 1 && abort) abort(); yield; }
          return step;
        } finally { log.push('closed'); }
      }`),
    );
    const [ended, stopped]: unknown[][] = [[], []];
    const controller = new AbortController();
    await expect(steps(ended)).resolves.toBe(3);
    const abort = (): void => controller.abort();
    await expect(steps(stopped, controller.signal, abort)).rejects.toMatchObject({ name: 'AbortError' });
    expect(ended).toEqual([0, 1, 2, 'closed']);
    expect(stopped).toEqual([0, 1, 'closed']);
    const several = cooperative(1, forES5('async function* () { yield; }'));
    await expect(several()).rejects.toThrow(/returned an object. What is cooperative is a generator/);
  });

  it('stops at the next step when its signal is aborted, and runs finally blocks', async () => {
    const controller = new AbortController();
    const log: string[] = [];
    const running = computation.untilAborted(controller.signal, log);
    setImmediate(() => controller.abort(new RangeError('enough')));
    await expect(running).rejects.toThrow(RangeError);
    expect(log).toEqual(['closed']);
    await expect(computation.untilAborted(AbortSignal.abort('before'), log)).rejects.toBe('before');
  });

  it('goes on sharing the loop while its finally blocks run, and rejects when they have', async () => {
    const controller = new AbortController();
    const log = [0];
    const running = computation.cleaning(controller.signal, 10_000, log);
    setImmediate(() => controller.abort(new RangeError('enough')));
    const turns = await turnsDuring(running.catch((error: unknown) => log.push(error as number)));
    expect(log).toEqual([10_000, new RangeError('enough')]);
    expect(turns).toBeGreaterThanOrEqual(1_000);
  });

  it('takes no longer for each call when there are many', async () => {
    const call = cooperative(1, function* (value: number) {
      yield;
      return value;
    });
    const msFor = async (count: number): Promise<number> => {
      const begin = performance.now();
      await Promise.all(Array.from({ length: count }, (_, value) => call(value)));
      return performance.now() - begin;
    };
    await msFor(5_000);
    const few = await msFor(5_000);
    // Twenty times as many; the square of it would be 400 times as long.
    expect(await msFor(100_000)).toBeLessThan(few * 100);
  });

  it('runs its steps in the async context of its caller, however many callers there are', async () => {
    const requests = new AsyncLocalStorage<string>();
    const request = cooperative(1, function* () {
      const seen = new Set([requests.getStore()]);
      for (let step = 0; step < 3; step++) {
        yield;
        seen.add(requests.getStore());
      }
      return [...seen];
    });
    const calls = ['a', 'b', 'c'].map((name) => requests.run(name, request));
    await expect(Promise.all([request(), ...calls])).resolves.toEqual([[undefined], ['a'], ['b'], ['c']]);
  });

  it('finds executors in the container of its caller', async () => {
    class Named extends InlineExecutor {
      constructor(private readonly name: string) {
        super();
      }
      override submit<T>(): Promise<T> {
        return Promise.resolve(this.name as T);
      }
    }
    const which = runInExecutor('which', () => '');
    const whichInAStep = cooperative(1, function* () {
      yield;
      return which();
    });
    const child = container.createChildContainer();
    registerExecutor('which', { useValue: new Named('of the child') }, child);
    registerExecutor('which', { useValue: new Named('of the root') });
    const calls = [withContainer(child, () => whichInAStep()), whichInAStep()];
    await expect(Promise.all(calls)).resolves.toEqual(['of the child', 'of the root']);
  });

  it('rejects with what a step throws, and a stack that shows the method', async () => {
    await expect(computation.failing()).rejects.toMatchObject({
      message: 'in a step',
      stack: expect.stringContaining('Computation.failing'),
    });
  });

  it('runs in a worker too', async () => {
    await expect(Computation.inThread(1_000)).resolves.toBe(2_000);
  });
});

describe('an async method', () => {
  it('pauses by the budget of its own call, also when calls interleave', async () => {
    const log: string[] = [];
    const pauses = await Promise.all([computation.pausing(50, log, 'a'), computation.pausing(50, log, 'b')]);
    expect(pauses).toEqual([5, 5]);
    expect(log.slice(0, 4)).toEqual(['a', 'b', 'a', 'b']);
  });

  it('begins with what is left of the turn: many that begin at once hold the loop no longer than one', async () => {
    const asks = cooperative({ budgetMs: 5 }, async () => {
      let count = 1;
      while (!due()) count++;
      await pause();
      return count;
    });
    const [, ...others] = await Promise.all(Array.from({ length: 20 }, () => asks()));
    expect(others).toEqual(Array(19).fill(1));
    expect(await asks()).toBeGreaterThan(1);
  });

  it('has its share of the turn among generators, not a turn of its own beside theirs', async () => {
    let running = true;
    let [ofGenerators, ofAsync] = [0, 0];
    const step = (): void => {
      for (const end = performance.now() + 0.05; performance.now() < end;);
    };
    const generator = cooperative({}, function* () {
      for (; running; ofGenerators++, yield) step();
    });
    const pausing = cooperative({}, async () => {
      for (; ofAsync + ofGenerators < 5_000; ofAsync++) {
        if (due()) await pause();
        step();
      }
      running = false;
    });
    await Promise.all([...Array.from({ length: 20 }, () => generator()), pausing()]);
    // A turn of its own in each would be half of all that is done.
    expect(ofAsync).toBeLessThan(ofGenerators / 4);
  });

  it('stops at its next pause when its signal is aborted, and pauses in its finally blocks', async () => {
    const log: string[] = [];
    const untilAborted = cooperative(10, async (_signal: AbortSignal): Promise<void> => {
      try {
        for (;;) if (due()) await pause();
      } finally {
        await pause();
        log.push('closed');
      }
    });
    const controller = new AbortController();
    const reason = new Error('enough');
    setImmediate(() => controller.abort(reason));
    const calls = [untilAborted(controller.signal), untilAborted(controller.signal)];
    const rejected = { status: 'rejected', reason };
    expect(await Promise.allSettled(calls)).toEqual([rejected, rejected]);
    expect(log).toEqual(['closed', 'closed']);
  });

  it('may pause and ask outside of any cooperative call', async () => {
    expect(due()).toBe(false);
    for (const end = performance.now() + 20; performance.now() < end;);
    expect(due()).toBe(true);
    let immediate = false;
    setImmediate(() => (immediate = true));
    await pause();
    await pause();
    expect(immediate).toBe(true);
    expect(due()).toBe(false);
  });

  it('is not warned of when it pauses as soon as it is due', async () => {
    const spy = jest.spyOn(process, 'emitWarning').mockImplementation();
    expect(await computation.pausesWhenDue()).toBeGreaterThan(1);
    expect(spy.mock.calls).toEqual([]);
    spy.mockRestore();
  });

  it('is warned of once when it blocks the loop and never pauses', async () => {
    const warnings: string[] = [];
    const spy = jest
      .spyOn(process, 'emitWarning')
      .mockImplementation((warning) => void warnings.push(String(warning)));
    await computation.neverPauses();
    await computation.neverPauses();
    spy.mockRestore();
    expect(warnings).toEqual([expect.stringMatching(/neverPauses.*never paused.*due\(\)/)]);
  });
});

describe('bad input', () => {
  it.each<[string, () => unknown, RegExp]>([
    ['zero', () => Cooperative(0), /yieldEvery.*integer >= 1, found 0/],
    ['a fraction', () => Cooperative(1.5), /yieldEvery/],
    ['a negative budget', () => Cooperative({ budgetMs: -1 }), /budgetMs/],
    [
      'an unknown option',
      () => Cooperative({ budget: 1 } as never),
      /no option 'budget'. Did you mean 'budgetMs'/,
    ],
    ['no function', () => cooperative(1, 7 as never), /function\* .*: expected a function, found 7/],
  ])('is refused: %s', (_, make, message) => {
    expect(make).toThrow(message);
  });

  it('is refused when called: a method that is no generator, and a yield of a value', async () => {
    await expect(computation.synchronous()).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_INVALID_OPTION',
      message: expect.stringContaining('Computation.synchronous'),
    });
    await expect(computation.yieldsPromise()).rejects.toThrow(
      /yieldsPromise yielded a value \(an instance of Promise\)/,
    );
    await expect(computation.yieldsMany()).rejects.toThrow(/yieldsMany yielded a value \(1\)/);
    const log: string[] = [];
    await expect(computation.yieldsAndCatches(log)).rejects.toThrow(/yieldsAndCatches yielded a value/);
    expect(log).toEqual(['closed']);
  });

  it('runs its finally blocks to their end also when they yield a value while it stops', async () => {
    const controller = new AbortController();
    const log: string[] = [];
    const running = computation.yieldsToClose(controller.signal, log);
    setImmediate(() => controller.abort(new RangeError('enough')));
    await expect(running).rejects.toThrow(/yieldsToClose yielded a value/);
    expect(log).toEqual(['closing', 'closed']);
  });

  it('says what is wrong with a yield of a promise also when that rejects, which ends no process', async () => {
    await expect(computation.yieldsRejection()).rejects.toThrow(
      /yieldsRejection yielded a value \(an instance of Promise\)/,
    );
    // Until then the test would hear of a rejection that nobody met.
    await pause();
  });
});

describe('the scheduler', () => {
  afterEach(() => container.reset());

  it('is found in the container, and a deterministic one needs no timers', async () => {
    const scheduler = new DeterministicScheduler();
    container.register(executorToken('cooperative'), { useValue: scheduler });
    jest.useFakeTimers();
    await expect(computation.count(250)).resolves.toBe(500);
    jest.useRealTimers();
    expect(scheduler.turns).toBe(3);
  });

  it('that is deterministic asks no clock: by time, a generator ends in its first slice', async () => {
    const scheduler = new DeterministicScheduler();
    container.register(executorToken('cooperative'), { useValue: scheduler });
    await computation.byTime(40);
    expect(scheduler.turns).toBe(1);
  });

  it('is not disturbed by fake timers', async () => {
    jest.useFakeTimers();
    await expect(computation.count(1_000)).resolves.toBe(2_000);
    jest.useRealTimers();
  });

  it('is refused when it is none', async () => {
    container.register(executorToken('cooperative'), { useValue: {} });
    await expect(computation.count(1)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_INVALID_EXECUTOR' });
  });
});

it('any number of calls may share a signal', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on('warning', note);
  const { signal } = new AbortController();
  const call = cooperative(1, function* (_signal: AbortSignal) {
    yield;
    return 'done';
  });
  await expect(Promise.all(Array.from({ length: 30 }, () => call(signal)))).resolves.toHaveLength(30);
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', note);
  expect(warnings).toEqual([]);
});
