import 'reflect-metadata';
import { createHook } from 'node:async_hooks';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Portable, registerExecutor, type Executor } from 'offloop';
import { kinds, makeProcesses, makeThreads } from '../support/executors';
import { runScript } from '../support/run-script';
import { echoElsewhere, EXECUTOR, Work } from './services';

/** No worker imports this file. */
@Portable()
class Enough extends Error {}

let executor: Executor;

/** Registers the executor that `Work` runs in; it is shut down after the test. */
function use(made: Executor): Executor {
  executor = made;
  registerExecutor(EXECUTOR, { useValue: made });
  return made;
}

/** A call that is aborted when it runs. */
async function abortOnceBegun(controller: AbortController, reason: unknown): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'offloop-'));
  const begun = join(folder, 'begun');
  const running = Work.untilAborted(controller.signal, begun);
  const timer = setInterval(() => existsSync(begun) && controller.abort(reason), 5);
  try {
    await running;
  } finally {
    clearInterval(timer);
    rmSync(folder, { recursive: true });
  }
}

/** The smallest module of WebAssembly there is, compiled. */
function makeWasm(): object {
  const { WebAssembly } = globalThis as unknown as {
    WebAssembly: { Module: new (bytes: Uint8Array) => object };
  };
  return new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
}

afterEach(() => executor.shutdown({ cancelPending: true, drainTimeoutMs: 5_000 }));

describe.each(kinds)('%s', (kind, make) => {
  it('grow for calls that wait, but not beyond the cores for short ones', async () => {
    const cores = availableParallelism();
    const maxWorkers = cores + 2;
    const grown: number[] = [];
    // A machine that is busy otherwise may hold a short call up for long: not in each of several pools.
    for (let round = 0; round < 4; round++) {
      const pool = use(make({ maxWorkers }));
      let left = 4_000;
      const one = async (): Promise<void> => {
        while (left-- > 0) await Work.echo(left);
      };
      await Promise.all(Array.from({ length: 200 }, one));
      grown.push(pool.statistics().workers);
      await pool.shutdown();
    }
    expect(Math.min(...grown)).toBeLessThanOrEqual(cores);
    const pool = use(make({ maxWorkers }));
    await Promise.all(Array.from({ length: 5 * maxWorkers }, () => Work.block(100)));
    expect(pool.statistics().workers).toBe(maxWorkers);
  });

  it('run short calls in as many workers as there are cores, though more are idle', async () => {
    const cores = availableParallelism();
    const maxWorkers = 4 * cores;
    const pool = use(make({ maxWorkers, minWorkers: maxWorkers }));
    await Promise.all(Array.from({ length: 2 * maxWorkers }, () => Work.block(50)));
    const ran = new Map<string, number>();
    let left = 6_000;
    const one = async (): Promise<void> => {
      while (left-- > 0) {
        const place = await Work.where();
        // By then it is known to be short.
        if (left < 4_000) ran.set(place, (ran.get(place) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: 100 }, one));
    expect(pool.statistics().workers).toBe(maxWorkers);
    const counts = [...ran.values()].sort((a, b) => b - a);
    // Shared evenly, it would be a quarter. A worker that the machine holds up is stood in for.
    expect(counts.slice(0, cores).reduce((sum, count) => sum + count)).toBeGreaterThan(1_500);
  });

  /** Of so many calls at once, the share that the worker ran which ran most of them. */
  const shareOfOne = async (calls: number): Promise<number> => {
    const ran = new Map<string, number>();
    for (const place of await Promise.all(Array.from({ length: calls }, () => Work.where())))
      ran.set(place, (ran.get(place) ?? 0) + 1);
    return Math.max(...ran.values()) / calls;
  };

  it('run calls that are soon over in one worker, which leaves the cores to those who make them', async () => {
    use(make({ minWorkers: 2, maxWorkers: 2 }));
    let alone = 0;
    // At first it is not known what they take, and a worker that the machine holds up is stood in for.
    for (let round = 0; round < 500 && alone < 50; round++) if ((await shareOfOne(200)) >= 0.8) alone++;
    expect(alone).toBe(50);
  });

  it('have no calls that are soon over wait for one that is not, while a worker is idle', async () => {
    use(make({ minWorkers: 2, maxWorkers: 2 }));
    const where = (calls: number): Promise<unknown>[] => Array.from({ length: calls }, () => Work.where());
    // What they take is known then.
    for (let call = 0; call < 50; call++) await Work.block(1.5);
    for (let round = 0; round < 20; round++) await Promise.all(where(500));
    let sooner = 0;
    for (let round = 0; round < 20; round++) {
      let isOver = false;
      const longer = Work.block(1.5).then(() => (isOver = true));
      const count = (): void => void (isOver || sooner++);
      await Promise.all([longer, ...where(100).map((call) => call.then(count))]);
    }
    expect(sooner).toBeGreaterThan(20 * 40);
  });

  it('have no short call wait behind a long one while workers are idle', async () => {
    const cores = availableParallelism();
    const maxWorkers = cores + 2;
    use(make({ maxWorkers, minWorkers: maxWorkers }));
    // What they take is known then.
    await Promise.all(Array.from({ length: maxWorkers }, () => Work.block(1_000)));
    for (let call = 0; call < 200; call++) await Work.where();
    const ended: string[] = [];
    const long = Array.from({ length: cores }, () => Work.block(1_000).then(() => ended.push('long')));
    await Promise.all(Array.from({ length: 20 }, () => Work.where().then(() => ended.push('short'))));
    await Promise.all(long);
    expect(ended.slice(0, 20)).toEqual(new Array(20).fill('short'));
  });

  it('open nothing anew for a call that comes after a pause', async () => {
    const used = use(make({ maxWorkers: 1 }));
    const place = await Work.where();
    const opened: string[] = [];
    const hook = createHook({
      init: (_, type) => void (/PORT|PIPE|PROCESS|WORKER/.test(type) && opened.push(type)),
    });
    hook.enable();
    for (let call = 0; call < 3; call++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      await expect(Work.where()).resolves.toBe(place);
    }
    hook.disable();
    expect(opened).toEqual([]);
    expect(used.statistics().workers).toBe(1);
  });

  it('run each call that comes while the last worker ends for having been idle', async () => {
    use(make({ maxWorkers: 1, idleTimeoutMs: 1 }));
    for (let index = 0; index < 18; index++) {
      await expect(Work.echo(index)).resolves.toBe(index);
      await new Promise((resolve) => setTimeout(resolve, 5 + (index % 6)));
    }
  });

  it('do not go through large arrays while they wait', async () => {
    use(make({ maxWorkers: 1 }));
    const bytes = new Uint8Array(3 * 1024 * 1024);
    const begin = performance.now();
    const calls = Array.from({ length: 5 }, () => Work.echo(bytes));
    const submitted = performance.now();
    expect(Object.keys(bytes).length).toBe(bytes.length);
    expect(submitted - begin).toBeLessThan(performance.now() - submitted);
    for (const one of await Promise.all(calls)) expect(one.length).toBe(bytes.length);
  });

  it('carry calls that are made while others are being sent, by what these carry', async () => {
    use(make({ maxWorkers: 1 }));
    const other = make({ maxWorkers: 1 });
    registerExecutor('other', { useValue: other });
    await Promise.all(
      Array.from({ length: 200 }, (_, id) => Promise.all([Work.echo({ id }), echoElsewhere(id)])),
    );
    const inner: Promise<unknown>[] = [];
    const calls = Array.from({ length: 20 }, (_, id) => {
      const value = {
        get id(): number {
          inner.push(echoElsewhere({ inner: id }));
          return id;
        },
      };
      return Work.echo(value);
    });
    expect(await Promise.all(calls)).toEqual(calls.map((_, id) => ({ id })));
    expect(inner.length).toBeGreaterThan(20);
    for (const one of await Promise.all(inner)) expect(one).toEqual({ inner: expect.any(Number) as number });
    await other.shutdown();
  });

  it('run calls in the order in which they were made, whatever their arguments are', async () => {
    use(make({ maxWorkers: 1 }));
    const ballast: ((index: number) => unknown[])[] = [
      () => [],
      () => ['small', 1.5, null, true],
      () => [{ nested: ['x'.repeat(500)] }],
      // More than fits where small calls stand.
      (index) => Array.from({ length: 7 }, () => String(index).padEnd(100, '.')),
      () => [Buffer.alloc(200_000)],
      () => Array.from({ length: 20 }, () => 0),
      () => ['é', '€', -0, NaN, 2 ** 40, undefined],
    ];
    await Work.note(-1);
    const ran: number[] = [];
    for (let round = 0; round < 3; round++) {
      const calls = Array.from({ length: 700 }, (_, index) => {
        const id = round * 700 + index;
        return Work.note(id, ...ballast[(index * (index % 5)) % ballast.length](index));
      });
      ran.push(...(await Promise.all(calls)).flat());
    }
    ran.push(...(await Work.note(-2)));
    expect(ran).toEqual([-1, ...Array.from({ length: 2_100 }, (_, index) => index)]);
  });

  it('start minWorkers with the first call', async () => {
    const used = use(make({ minWorkers: 2, maxWorkers: 3 }));
    await Work.echo(1);
    const places = new Set<string>();
    while (places.size < 2) {
      for (const place of await Promise.all([Work.block(5).then(() => Work.where()), Work.where()]))
        places.add(place);
    }
    expect(used.statistics().workers).toBe(2);
  });

  it('count their workers for as long as they live, and none after shutdown', async () => {
    const used = use(make({ minWorkers: 2, maxWorkers: 3 }));
    expect(used.statistics().workers).toBe(0);
    await Work.echo(1);
    for (let look = 0; look < 20; look++) {
      expect(used.statistics()).toMatchObject({ workers: 2, running: 0 });
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await used.shutdown();
    expect(used.statistics()).toMatchObject({ workers: 0, idle: 0 });
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
    await expect(abortOnceBegun(controller, 'stop')).rejects.toBe('stop');
    await expect(Work.where()).resolves.toBe(place);
  });

  it.each([
    ['let a call hear of an abort that came while its module was imported', 10_000, 50],
    ['let an import end for which its call is too long given up: others need the module too', 500, 750],
  ])('%s', async (_, graceMs, heldMs) => {
    use(make({}));
    const folder = mkdtempSync(join(tmpdir(), 'offloop-'));
    process.env.FOLDER = folder;
    process.env.KIND = kind === 'threads' ? 'thread' : 'process';
    process.env.GRACE_MS = String(graceMs);
    process.env.HELD_MS = String(heldMs);
    try {
      const { stdout, stderr } = await runScript('test/lifecycle/slow-import.mjs');
      expect([stdout.trim(), stderr]).toEqual(['["too late","too late"]', '']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('let a running call hear of an abort whose reason they cannot rebuild', async () => {
    use(make({ maxWorkers: 1 }));
    const place = await Work.where();
    const controller = new AbortController();
    const reason = new Enough('it is enough');
    await expect(abortOnceBegun(controller, reason)).rejects.toBe(reason);
    await expect(Work.where()).resolves.toBe(place);
    await expect(Work.lastReason()).resolves.toBe('Error: it is enough');
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

  it.each<[string, number, () => Promise<unknown>]>([
    ['one short call follows the other', 1, () => Work.echo(1)],
    ['one synchronous call follows the other', 1, () => Work.answer()],
    ['many synchronous calls are in flight', 100, () => Work.answer()],
  ])('let what nobody awaits go on in a worker while %s', async (_, inFlight, call) => {
    use(make({ maxWorkers: 1 }));
    await Work.startTicking();
    const before = await Work.ticks();
    const end = Date.now() + 500;
    const one = async (): Promise<void> => {
      while (Date.now() < end) await call();
    };
    await Promise.all(Array.from({ length: inFlight }, one));
    expect((await Work.ticks()) - before).toBeGreaterThan(50);
  });

  it('let what nobody awaits go on in a worker between calls', async () => {
    use(make({ maxWorkers: 1 }));
    await Work.startTicking();
    const before = await Work.ticks();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await Work.ticks()) - before).toBeGreaterThan(20);
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

  it('take a limit of memory that is no whole number, as a share of it is', async () => {
    use(make({ maxWorkers: 1, resourceLimits: { maxOldGenerationSizeMb: 100.4 } }));
    await expect(Work.echo(1)).resolves.toBe(1);
  });

  it('have no variable that their environment says is undefined', async () => {
    use(make({ maxWorkers: 1, env: { ...process.env, SET: 'yes', UNSET: undefined } }));
    await expect(Promise.all([Work.variable('SET'), Work.variable('UNSET')])).resolves.toEqual([
      'yes',
      undefined,
    ]);
  });

  it('refuse unknown options and wrong values, with the mend', () => {
    use(make({}));
    expect(() => make({ maxWorker: 2 } as never)).toThrow(/no option 'maxWorker'. Did you mean 'maxWorkers'/);
    expect(() => make({ maxWorkers: 0 })).toThrow(/integer >= 1, found 0/);
    expect(() => make({ resourceLimits: { maxOldGenerationSizeMB: 5 } as never })).toThrow(
      /resourceLimits: there is no option 'maxOldGenerationSizeMB'. Did you mean 'maxOldGenerationSizeMb'\?/,
    );
    expect(() => make({ resourceLimits: { stackSizeMb: '4' } as never })).toThrow(
      /resourceLimits: option 'stackSizeMb': expected megabytes above 0, found "4"/,
    );
    expect(() => make({ resourceLimits: [64] as never })).toThrow(
      /resourceLimits: expected an options object/,
    );
    expect(() => make({ env: { PORT: 5 } as never })).toThrow(
      /env: option 'PORT': expected a string, found 5 \(number\)/,
    );
    expect(() => make({ execArgv: [5] as never })).toThrow(/'execArgv': expected an array of strings/);
    expect(() => make({ execArgv: [] })).not.toThrow();
    expect(() => make({ minWorkers: 3, maxWorkers: 2 })).toThrow(
      /minWorkers \(3\) is above maxWorkers \(2\)/,
    );
  });
});

describe('threads', () => {
  it('hand on compiled modules of WebAssembly', async () => {
    use(makeThreads({ maxWorkers: 1 }));
    const module = await Work.echo(makeWasm());
    expect(Object.prototype.toString.call(module)).toBe('[object WebAssembly.Module]');
  });

  it.each<[string, (signal: AbortSignal) => Promise<void>]>([
    ['aborted', (signal) => Work.spinListening(signal)],
    ['throwIfAborted', (signal) => Work.spinAsking(signal)],
    ['reason', (signal) => Work.spinForReason(signal)],
  ])('show an abort to a method in a synchronous loop, by %s', async (_, spin) => {
    use(makeThreads({ maxWorkers: 1 }));
    const place = await Work.where();
    const controller = new AbortController();
    const spinning = spin(controller.signal);
    setTimeout(() => controller.abort('look'), 50);
    await expect(spinning).rejects.toBe('look');
    // The same thread serves again: it was not terminated.
    await expect(Work.where()).resolves.toBe(place);
  });
});

describe('processes', () => {
  it('refuse shared memory', async () => {
    use(makeProcesses({ maxWorkers: 1 }));
    await expect(Work.echo(new SharedArrayBuffer(8))).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_NOT_CLONEABLE',
      message: expect.stringContaining('use an executor of threads'),
    });
    await expect(Work.echo(makeWasm())).rejects.toMatchObject({ code: 'ERR_OFFLOOP_NOT_CLONEABLE' });
    await expect(Work.echo([new Blob(['x'])])).rejects.toMatchObject({ code: 'ERR_OFFLOOP_NOT_CLONEABLE' });
  });
});
