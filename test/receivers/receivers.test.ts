import 'reflect-metadata';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as tsyringe from 'tsyringe';
import { container } from 'tsyringe';
import { registerExecutor, verifyExecutors, type Executor, type PoolOptions } from 'offloop';
import { kinds, makeThreads } from '../support/executors';
import { EXECUTOR } from './base';
import {
  Basket,
  Bound,
  CopiedWithPrivate,
  First,
  Gauge,
  Inheriting,
  Link,
  NeedsSetup,
  NeedsUnbuildable,
  Nesting,
  Overlaid,
  Ported,
  Proxied,
  Overriding,
  Point,
  RegisteredByCallers,
  Root,
  Second,
  Shape,
  Replaced,
  ReplacedByName,
  ReplacedPortable,
  Unmarked,
  UsesDisposed,
  WithLargeFields,
  WithMixin,
  WithPrivate,
  WithPrivateAndList,
} from './services';

/** It throws whatever it is asked for, as checked settings and containers do for names that they do not know. */
function strict(target: object): object {
  return new Proxy(target, {
    get(_, key) {
      throw new Error(`it has no ${String(key)}`);
    },
  });
}

describe.each(kinds)('the receiver, in %s', (_, make) => {
  const folder = mkdtempSync(join(tmpdir(), 'offloop-'));
  const log = join(folder, 'log');
  let executor: Executor;

  function use(options: PoolOptions = {}): Executor {
    executor = make({ maxWorkers: 1, ...options });
    registerExecutor(EXECUTOR, { useValue: executor });
    return executor;
  }

  async function untilDisposed(): Promise<void> {
    const disposed = (): boolean => readFileSync(log, 'utf8') === 'disposed\n';
    for (const end = performance.now() + 20_000; !disposed() && performance.now() < end;) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(disposed()).toBe(true);
  }

  beforeEach(() => {
    writeFileSync(log, '');
    use();
  });

  afterEach(() => executor.shutdown());
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is resolved once per worker, with tokens, factories and singletons that services share', async () => {
    const first = container.resolve(First);
    const [number, used, setting, kind] = await first.use();
    expect([used, setting, kind]).toEqual([['first'], 'of the module', 'made']);
    await expect(container.resolve(Second).use()).resolves.toEqual([number, ['first', 'second']]);
    await expect(first.use()).resolves.toEqual([
      number,
      ['first', 'second', 'first'],
      'of the module',
      'made',
    ]);
  });

  it('holds what the caller’s instance holds at each call, however often it was the same before', async () => {
    const service = container.resolve(Gauge) as Gauge & { extra?: string };
    const expected: unknown[] = [];
    const shown: Promise<unknown>[] = [];
    const show = (times: number): void => {
      for (let time = 0; time < times; time++) {
        shown.push(service.show());
        expected.push([service.level, service.unit, service.extra, 'at home']);
      }
    };
    show(5);
    await Promise.all(shown);
    for (let level = 1; level <= 3; level++) {
      service.level = level;
      show(4);
    }
    service.extra = 'added';
    show(4);
    delete service.extra;
    show(4);
    service.unit = undefined;
    show(4);
    service.level = -0;
    show(4);
    service.level = 0;
    show(1);
    expect(await Promise.all(shown)).toEqual(expected);
    await expect(container.resolve(Gauge).show()).resolves.toEqual([0, 'bar', undefined, 'at home']);
    // Another instance of the class, in turns.
    const other = container.resolve(Gauge);
    other.level = 99;
    for (let turn = 0; turn < 4; turn++) {
      expect((await other.show())[0]).toBe(99);
      expect((await service.show())[0]).toBe(0);
    }
  });

  it('is each call’s own, as it was when the call was made', async () => {
    const basket = new Basket();
    const calls: Promise<string>[] = [];
    for (let count = 0; count < 20; count++) {
      calls.push(basket.add('x'));
      basket.items.push(String(count));
    }
    basket.items.length = 0;
    const expected = calls.map((_, count) => [...Array(count).keys(), 'x'].join());
    expect(await Promise.all(calls)).toEqual(expected);
  });

  it('is found anew by each worker that takes the place of another', async () => {
    use({ maxCallsPerWorker: 3 });
    const service = container.resolve(Gauge);
    service.level = 7;
    for (let call = 0; call < 12; call++) expect((await service.show())[0]).toBe(7);
  });

  it.each(['setup.ts', 'setup-function.cjs'])('has what %s registered, awaited before it', async (setup) => {
    await executor.shutdown();
    use({ setup: join(__dirname, setup) });
    await expect(new NeedsSetup({ open: () => 'here' }).use()).resolves.toBe('opened');
  });

  it('is refused with where to register what only callers have, or why it cannot be built', async () => {
    container.register(RegisteredByCallers, { useFactory: () => new RegisteredByCallers('url') });
    const dependency = { open: () => 'here' };
    const refused = (message: RegExp, cause: string): object => ({
      code: 'ERR_OFFLOOP_WORKER_START',
      message: expect.stringMatching(message) as string,
      cause: expect.objectContaining({ message: expect.stringContaining(cause) as string }) as object,
    });
    await expect(new NeedsSetup(dependency).use()).rejects.toMatchObject(
      refused(
        /^NeedsSetup\.use: .* of NeedsSetup\. .*top level of the module.*setup module/,
        'token: "from setup"',
      ),
    );
    await expect(container.resolve(RegisteredByCallers).use()).rejects.toMatchObject(
      refused(
        /^RegisteredByCallers\.use: .* of RegisteredByCallers\. .*@injectable\(\) on.*top level of the module.*setup module/,
        'TypeInfo not known',
      ),
    );
    await expect(new NeedsUnbuildable(dependency).use()).rejects.toMatchObject(
      refused(
        /^NeedsUnbuildable\.use: .* of NeedsUnbuildable\. tsyringe said: .*the database is away/s,
        'the database is away',
      ),
    );
  });

  it('is not built when the setup module fails: its error is the cause, once, without a storm', async () => {
    await executor.shutdown();
    use({
      maxWorkers: 2,
      setup: join(__dirname, 'setup.ts'),
      env: { ...process.env, SETUP_LOG: log, BREAK_SETUP: '1' },
    });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () => container.resolve(Second).use()),
    );
    for (const outcome of outcomes) {
      const { reason } = outcome as PromiseRejectedResult;
      expect(reason).toMatchObject({
        code: 'ERR_OFFLOOP_WORKER_START',
        message: expect.stringMatching(/Second\.use.*setup/),
      });
      expect(((reason as Error).cause as Error).cause).toBeInstanceOf(RangeError);
    }
    expect(readFileSync(log, 'utf8').length).toBeLessThanOrEqual(2);
  });

  it('has the caller’s plain data for one call, and its own of everything else', async () => {
    const service = container.resolve(Overlaid);
    service.label = 'mine';
    service.tags = ['a'];
    service.cache = 'changed';
    await expect(service.show()).resolves.toEqual([
      'mine',
      'MINE',
      ['a', 'from the worker'],
      'at home',
      'function',
    ]);
    expect(service.tags).toEqual(['a']);
    const plain = container.resolve(Overlaid);
    await expect(plain.show()).resolves.toEqual([
      'default',
      'DEFAULT',
      ['from the worker'],
      'at home',
      'function',
    ]);
    await expect(plain.show()).resolves.toEqual([
      'default',
      'DEFAULT',
      ['from the worker'],
      'at home',
      'function',
    ]);
    await expect(Object.freeze(container.resolve(Overlaid)).show()).resolves.toHaveLength(5);
  });

  it('has ports and streams of its own, which can be moved and not copied', async () => {
    const service = container.resolve(Ported);
    service.label = 'mine';
    await expect(service.show()).resolves.toEqual(['mine', true, true]);
    service.channel.port.close();
  });

  it('has its own of what is behind a proxy, at any depth', async () => {
    const service = container.resolve(Proxied);
    service.label = 'mine';
    const proxy = new Proxy({ of: 'the caller' }, {});
    for (const settings of [proxy, [proxy], { inner: new Map([['settings', proxy]]) }, new Proxy([1], {})]) {
      service.settings = settings;
      await expect(service.show()).resolves.toEqual(['mine', 'of the worker']);
    }
    service.settings = { of: 'the caller' };
    await expect(service.show()).resolves.toEqual(['mine', { of: 'the caller' }]);
  });

  it('has its own of what is behind a proxy that throws when it is looked at', async () => {
    const service = container.resolve(Proxied);
    service.label = 'mine';
    for (const settings of [strict({}), [strict({})], strict(new Point(3, 4))]) {
      service.settings = settings;
      await expect(service.show()).resolves.toEqual(['mine', 'of the worker']);
      await expect(new Shape([], settings as object).lengths()).rejects.toMatchObject({
        path: Array.isArray(settings) ? 'this.socket[0]' : 'this.socket',
        message: expect.stringMatching(/Shape\.lengths.*it is a proxy.*@Transient\(\)/),
      });
    }
  });

  it('is found behind a proxy that wraps all functions it is asked for, as interceptors do', async () => {
    const intercepted = <T extends object>(target: T): T =>
      new Proxy(target, {
        get(_, key, proxy) {
          const value: unknown = Reflect.get(target, key);
          return typeof value !== 'function'
            ? value
            : (...args: unknown[]): unknown => Reflect.apply(value, proxy, args);
        },
      });
    const service = container.resolve(Proxied);
    service.label = 'mine';
    await expect(intercepted(service).show()).resolves.toEqual(['mine', 'of the worker']);
    await expect(intercepted(new Shape([new Point(3, 4)])).lengths()).resolves.toEqual([
      [5],
      expect.any(Point),
    ]);
  });

  it('keeps #private state where nothing is laid over it, and else says why it cannot', async () => {
    const service = container.resolve(WithPrivate);
    await expect(service.show()).resolves.toBe('opened same');
    service.label = 'other';
    await expect(service.show()).rejects.toThrow(/WithPrivate\.show.*@Transient\(\)/);
    await expect(container.resolve(WithPrivateAndList).show()).rejects.toThrow(/arrays and objects always/);
    await expect(new CopiedWithPrivate().show()).rejects.toThrow(/CopiedWithPrivate\.show.*toPortable/);
  });

  it('is a copy of any other class, with portable instances alive', async () => {
    const [lengths, corner] = await new Shape([new Point(3, 4), new Point(6, 8)]).lengths();
    expect(lengths).toEqual([5, 10]);
    expect(corner).toStrictEqual(new Point(3, 4));
  });

  it('is one object where a copy’s fields refer back to it', async () => {
    const [first, second] = [new Link('first'), new Link('second')];
    first.next = second;
    second.next = first;
    first.others.push(second, first);
    await expect(first.around()).resolves.toEqual(['first', 'second']);
    const back = await first.itself();
    expect(back).toBeInstanceOf(Link);
    expect([back.next.next === back, back.others[0] === back.next, back.others[1] === back]).toEqual([
      true,
      true,
      true,
    ]);
    await expect(new Root().isOne()).resolves.toBe(true);
  });

  it('has the methods of its class, where the caller’s are bound or spied on', async () => {
    const { show } = new Bound('bound');
    await expect(show()).resolves.toBe('BOUND');
    const service = new Bound('spied on');
    const spy = jest.spyOn(service, 'show');
    jest.spyOn(service, 'upper').mockReturnValue('what the test sees');
    await expect(service.show()).resolves.toBe('SPIED ON');
    expect(spy).toHaveBeenCalledTimes(1);
  });

  it('is refused with the path and the three ways out when a field cannot travel', async () => {
    await expect(new Shape([], { write: () => 1 }).lengths()).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_NOT_CLONEABLE',
      path: 'this.socket.write',
      message: expect.stringMatching(/Shape\.lengths.*injectable.*@Transient\(\).*receiver: 'none'/),
    });
    await expect(new Shape([], [new Proxy({}, {})]).lengths()).rejects.toMatchObject({
      path: 'this.socket[0]',
      message: expect.stringMatching(/Shape\.lengths.*proxy.*injectable.*@Transient\(\).*receiver: 'none'/),
    });
    await expect(new Shape([], { write: () => 1 }).hasReceiver()).resolves.toBe(false);
  });

  it('is refused with the copies of tsyringe as a reason, where its class has decorators that tsyringe reads', async () => {
    const isRefused = async (how: RegExp): Promise<void> =>
      expect(new Shape([], { write: () => 1 }).lengths()).rejects.toThrow(how);
    await isRefused(/injectable\(\) on the service, mark/);
    jest.isolateModules(() => {
      const another = jest.requireActual<typeof tsyringe>('tsyringe');
      expect(another.container).not.toBe(container);
      another.inject('socket')(Shape, undefined, 1);
    });
    try {
      await isRefused(/injectable\(\) on the service \(if it is there.*another copy of tsyringe.*external/);
    } finally {
      Reflect.deleteMetadata('injectionTokens', Shape);
    }
  });

  it('is refused when what a field refers to has no end, as services that are made anew behind proxies', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    let made = 0;
    const delayed = (): object => {
      if (++made > 10_000) throw new Error('it is looked for the end');
      return new Proxy(
        { other: undefined },
        { get: (target, key) => (key === 'other' ? delayed() : Reflect.get(target, key)) },
      );
    };
    await expect(new Shape([], delayed()).lengths()).rejects.toMatchObject({
      path: 'this.socket',
      message: expect.stringContaining('it is a proxy'),
    });
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  it('is of the caller’s own class, or refused: inherited, overriding and mixed-in methods', async () => {
    await expect(new Overriding().name()).resolves.toBe('overriding Overriding base');
    await expect(new Inheriting().name()).resolves.toBe('Inheriting inheriting');
    await expect(new WithMixin().mixed()).resolves.toBe('mixed into own');
    await expect(new Unmarked().name()).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_CALLABLE_NOT_FOUND',
      message: expect.stringMatching(/Base\.name.*an instance of 'Unmarked'.*@Portable\(\)/),
    });
    await expect(Unmarked.ofTheClass()).rejects.toMatchObject({
      message: expect.stringMatching(
        /ofTheClass was called on 'Unmarked', which .*: expected Base\. Put @Portable\(\) on .*of its module\.$/,
      ),
    });
    await expect(new Replaced().name()).rejects.toMatchObject({
      message: expect.stringMatching(
        /an instance of an unnamed class.*in the place of another, put it before/,
      ),
    });
    await expect(new ReplacedByName().name()).rejects.toMatchObject({
      message: expect.stringMatching(
        /an instance of 'ReplacedByName'.*in the place of another, put it before/,
      ),
    });
    await expect(new ReplacedPortable().name()).resolves.toMatch(/ replaced$/);
  });

  it('makes nested calls in place: no deadlock with one worker', async () => {
    await expect(new Nesting(5).descend()).resolves.toBe(5);
  });

  it.each<[string, PoolOptions, boolean]>([
    ['shuts down', {}, true],
    ['has had its calls', { maxCallsPerWorker: 1 }, false],
    ['has been idle', { idleTimeoutMs: 1 }, false],
  ])('is disposed with its container when the worker %s', async (_, options, shutsDown) => {
    await executor.shutdown();
    const used = use({ ...options, env: { ...process.env, DISPOSE_LOG: log } });
    await new UsesDisposed(undefined as never).touch();
    if (shutsDown) await used.shutdown();
    await untilDisposed();
  });

  describe.each<[string, PoolOptions, boolean]>([
    ['shuts down', {}, true],
    ['has had its calls', { maxCallsPerWorker: 1 }, false],
    ['has been idle', { idleTimeoutMs: 1 }, false],
  ])('when the worker %s', (_, options, shutsDown) => {
    /** Has a worker retire whose container fails to be disposed; resolves when another has run a call, if one may. */
    async function retire(failure: 'hangs' | 'throws', startTimeoutMs: number): Promise<void> {
      await executor.shutdown();
      const env = { ...process.env, DISPOSE_LOG: log, DISPOSE_FAILS: failure };
      const used = use({ maxWorkers: 1, ...options, startTimeoutMs, env });
      const service = new UsesDisposed(undefined as never);
      await service.touch();
      if (shutsDown) return used.shutdown();
      await untilDisposed();
      await expect(service.touch()).resolves.toEqual(expect.any(Number));
      await used.shutdown({ drainTimeoutMs: 1 });
    }

    it('is ended after startTimeoutMs when its container is not disposed by then', async () => {
      await retire('hangs', 3_000);
      expect(readFileSync(log, 'utf8')).toMatch(/^disposed\n/);
    });

    it('is ended when its container cannot be disposed', async () => {
      await retire('throws', 30_000);
      expect(readFileSync(log, 'utf8')).toMatch(/^disposed\n/);
    });
  });
});

it('a field of `this` that has grown past 64 KB is warned of once, by name and size', async () => {
  const executor = makeThreads({ maxWorkers: 1 });
  registerExecutor(EXECUTOR, { useValue: executor });
  const warnings: string[] = [];
  const listen = jest
    .spyOn(process, 'emitWarning')
    .mockImplementation((warning) => void warnings.push(String(warning)));
  const service = container.resolve(Overlaid);
  service.label = 'x'.repeat(100 * 1024);
  await service.show();
  await service.show();
  listen.mockRestore();
  await executor.shutdown();
  expect(warnings).toEqual([expect.stringMatching(/Overlaid\.label.*100 KB.*@Transient\(\)/)]);
});

it('a field that was warned of is not measured again', async () => {
  const executor = makeThreads({ maxWorkers: 1 });
  registerExecutor(EXECUTOR, { useValue: executor });
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const first = jest.fn(() => 'first');
  const service = container.resolve(Overlaid);
  await service.show();
  service.tags = Object.defineProperty(new Array<string>(10_000).fill('tag'), 0, { get: first });
  const reads: number[] = [];
  for (let time = 0; time < 3; time++) {
    first.mockClear();
    await service.show();
    reads.push(first.mock.calls.length);
  }
  expect(warn).toHaveBeenCalledTimes(1);
  warn.mockRestore();
  await executor.shutdown();
  // Once to see that it is large, and once to say how large.
  expect(reads[1]).toBe(reads[0] - 2);
  expect(reads[2]).toBe(reads[1]);
});

it('how much a field holds is no matter of the stack, and shared memory is not warned of', async () => {
  const executor = makeThreads({ maxWorkers: 1 });
  registerExecutor(EXECUTOR, { useValue: executor });
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  await expect(new WithLargeFields(3).show()).resolves.toEqual([256 * 1024, 3]);
  expect(warn).not.toHaveBeenCalled();
  await expect(new WithLargeFields(100_000).show()).resolves.toEqual([256 * 1024, 100_000]);
  expect(warn.mock.calls).toEqual([
    [
      expect.stringMatching(/WithLargeFields\.chain/),
      { type: 'OffloopWarning', code: 'OFFLOOP_LARGE_FIELD' },
    ],
  ]);
  warn.mockRestore();
  await executor.shutdown();
});

it('verifyExecutors finds every method, and lists all that workers would not', async () => {
  await expect(verifyExecutors()).resolves.toBeUndefined();
  const { makeLate } = jest.requireActual<typeof import('../modules/fixtures')>('../modules/fixtures');
  makeLate();
  const error = (await verifyExecutors().catch((reason: unknown) => reason)) as AggregateError;
  expect(error).toBeInstanceOf(AggregateError);
  // The class in a function, the two classes of a loop, and the one that is decorated here only.
  expect(error.errors.map((each: { code: string }) => each.code)).toEqual(
    new Array(4).fill('ERR_OFFLOOP_CALLABLE_NOT_FOUND'),
  );
  expect(error.message).toMatch(/Late\.who[^]*top level/);
});
