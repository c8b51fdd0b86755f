import 'reflect-metadata';
import { threadId } from 'node:worker_threads';
import { container } from 'tsyringe';
import {
  Cooperative,
  cooperative,
  Executor,
  InlineExecutor,
  Portable,
  ProcessExecutor,
  registerExecutor,
  RunInExecutor,
  runInExecutor,
  shutdownExecutors,
  ThreadExecutor,
  transfer,
  Transient,
  withContainer,
} from 'offloop';
import { Event, Lock, Semaphore } from 'offloop/sync';

class Service {
  @RunInExecutor()
  async load(): Promise<string> {
    return 'loaded';
  }

  @RunInExecutor()
  static async count(): Promise<number> {
    return 1;
  }

  @RunInExecutor('returns-nothing')
  async lose(): Promise<void> {}

  @RunInExecutor('thread', { transfer: () => 3 as never })
  async move(): Promise<void> {}
}

/** What a legacy decorator does with a method `load` of a class. */
function method(decorate: unknown, value: unknown): unknown {
  class Named {}
  return (decorate as (...args: unknown[]) => unknown)(Named.prototype, 'load', { value });
}

/** A class whose static `name` is a method. */
class Renamed {
  @RunInExecutor()
  // @ts-expect-error As JavaScript may have it.
  static async name(): Promise<number> {
    return threadId;
  }

  @RunInExecutor()
  async here(): Promise<number> {
    return threadId;
  }
}

const code = (name: string): { code: string } => ({ code: `ERR_OFFLOOP_${name}` });

afterAll(() => shutdownExecutors());

it.each<[string, () => unknown, RegExp]>([
  [
    '@RunInExecutor without its parentheses',
    () => (RunInExecutor as any)(Service.prototype, 'load', {}),
    /@RunInExecutor stands without parentheses. Write @RunInExecutor\(\)/,
  ],
  [
    'the same as a standard decorator',
    () => (RunInExecutor as any)(Service.prototype.load, { kind: 'method', name: 'load' }),
    /Write @RunInExecutor\(\)/,
  ],
  [
    '@RunInExecutor() on a class',
    () => (RunInExecutor() as any)(Service),
    /class Service. Expected a method/,
  ],
  [
    '@Cooperative without its parentheses',
    () => (Cooperative as any)(Service.prototype, 'load', {}),
    /@Cooperative stands without parentheses. Write @Cooperative\(\)/,
  ],
  [
    '@RunInExecutor() of a function',
    () => (RunInExecutor() as any)(async function load() {}),
    /found a function 'load'. Functions take runInExecutor\(\.\.\., fn\)/,
  ],
  [
    'a generator in an executor',
    () => method(RunInExecutor(), function* load() {}),
    /Named\.load is a generator.*a promise of all that it yields.*@Cooperative\(\)/,
  ],
  ['the same of a function', () => runInExecutor('thread', function* all() {}), /all is a generator/],
  [
    'a cooperative async generator',
    () => method(Cooperative(), async function* load() {}),
    /Named\.load is an async generator.*due\(\)\) await pause/,
  ],
  [
    'the same of a function',
    () => cooperative(1, async function* all() {} as never),
    /all is an async generator/,
  ],
  [
    '@Portable() on a static method',
    () => (Portable() as any)(Service, 'count', {}),
    /expected a class, found the member 'count'/,
  ],
  [
    '@Portable() on a method, as a standard decorator',
    () => (Portable() as any)(Service.prototype.load, { kind: 'method', name: 'load' }),
    /expected a class, found a method/,
  ],
  [
    '@Transient() on a parameter property',
    () => (Transient() as any)(Service, undefined, 0),
    /found the class Service or a parameter of its constructor. Put it before a field/,
  ],
  [
    '@Transient() on a class, as a standard decorator',
    () => (Transient() as any)(Service, { kind: 'class', name: 'Service' }),
    /found the class Service/,
  ],
  [
    'options in place of an executor',
    () => RunInExecutor({ timeoutMs: 5 } as never),
    /found an object. Options come last: @RunInExecutor\('thread', \{ \.\.\. \}\)/,
  ],
  [
    'a factory in place of an executor',
    () => RunInExecutor((() => new InlineExecutor()) as never),
    /registerExecutor\('name', \{ useFactory \}\), and write its name/,
  ],
  [
    'an option without a text of its own',
    () => RunInExecutor('thread', { timeoutMs: Object.create(null) as never }),
    /'timeoutMs': expected .*, found an object\.$/,
  ],
  ['@Portable without its parentheses', () => (Portable as any)(Service), /Write @Portable\(\)/],
  [
    '@Transient without its parentheses',
    () => (Transient as any)(Service.prototype, 'f'),
    /Write @Transient\(\)/,
  ],
  [
    'an executor in place of its name',
    () => runInExecutor(new InlineExecutor() as never, () => 1),
    /found an instance of InlineExecutor. Register it, registerExecutor\('name', \{ useValue: executor \}\)/,
  ],
  [
    'what has no name',
    () => RunInExecutor([] as never),
    /a class or a symbol, found an instance of Array\.$/,
  ],
  [
    'a function without an executor',
    () => (runInExecutor as any)(() => 1),
    /runInExecutor\('thread', fn\): expected a function, found undefined/,
  ],
  [
    'a function before its executor',
    () => (runInExecutor as any)(async () => 1, 'thread'),
    /runInExecutor\('thread', fn\): expected a function, found "thread"/,
  ],
  [
    'a cooperative function without options',
    () => (cooperative as any)(function* () {}),
    /cooperative\(\{\}, function\* .*: expected a function, found undefined/,
  ],
  [
    'a transfer of a view in place of its buffer',
    () => transfer({}, [new Uint8Array(1) as never]),
    /such as \[pixels.buffer\], found an instance of Uint8Array in it/,
  ],
  ['a number to be moved', () => transfer({}, [3 as never]), /such as \[pixels.buffer\], found 3 in it/],
  ['a transfer of a number', () => transfer(5 as never, []), /expected an object as the value, found 5/],
  [
    'a container without a function',
    () => (withContainer as any)(container),
    /withContainer\(container, fn\): expected a function, found undefined/,
  ],
  [
    'a promise in place of a function',
    () => withContainer(container, Promise.resolve() as never),
    /found an instance of Promise/,
  ],
  [
    'a function run in place by a lock that is none',
    () => new Lock().runSync(undefined as never),
    /Lock\.runSync\(fn\): expected a function, found undefined/,
  ],
  [
    'a lock with options',
    () => new (Lock as any)({ timeoutMs: 5 }),
    /no arguments, new Lock\(\), found an object/,
  ],
  ['an event that is to be set', () => new (Event as any)(true), /new Event\(\), found true \(boolean\)/],
  [
    'a semaphore with options',
    () => new Semaphore({ permits: 2 } as never),
    /permits from 1.*found an object/,
  ],
  [
    'a class that is not defined yet',
    () => registerExecutor('undefined', { useClass: undefined as never }),
    /expected a provider, such as .*found useClass: undefined/,
  ],
  [
    'an executor in place of what makes it',
    () => registerExecutor('made', { useFactory: new InlineExecutor() as never }),
    /found useFactory: an instance of InlineExecutor/,
  ],
  [
    'an executor in what is no container',
    () => registerExecutor('nowhere', { useClass: InlineExecutor }, {} as never),
    /registerExecutor\('nowhere'\): expected a container.*found an object/,
  ],
  ['a transfer without a list', () => transfer({}, 3 as never), /such as \[pixels.buffer\], found 3/],
])('%s is refused with what to write', (_, misuse, message) => {
  expect(misuse).toThrow(expect.objectContaining(code('INVALID_OPTION')) as Error);
  expect(misuse).toThrow(message);
});

it('a transfer option that returns no list is refused by its name', async () => {
  await expect(new Service().move()).rejects.toMatchObject({
    ...code('INVALID_OPTION'),
    message: expect.stringMatching(/Service\.move: option 'transfer': expected a list.*found 3/) as string,
  });
});

it('a method that is called without its object, or its class, is refused with how to hand it on', async () => {
  const { load } = new Service();
  await expect(load()).rejects.toMatchObject({
    ...code('CALLABLE_NOT_FOUND'),
    message: expect.stringMatching(
      /Service\.load.*`this` was undefined.*\.\.\.args\) => service\.load/,
    ) as string,
  });
  const { count } = Service;
  await expect(count()).rejects.toMatchObject({
    message: expect.stringMatching(/without its class.*Call Service\.count\(\)/) as string,
  });
  const job = { load };
  await expect(job.load()).rejects.toMatchObject({
    ...code('CALLABLE_NOT_FOUND'),
    message: expect.stringMatching(/'Object'.*expected an instance of Service.*=> service\.load/) as string,
  });
});

it('an executor whose submit returns no promise is named', async () => {
  class ReturnsNothing extends Executor {
    override submit<T>(): Promise<T> {
      return undefined as never;
    }
  }
  registerExecutor('returns-nothing', { useValue: new ReturnsNothing() });
  await expect(new Service().lose()).rejects.toMatchObject({
    ...code('INVALID_EXECUTOR'),
    message: expect.stringMatching(
      /Service\.lose: submit\(\) of ReturnsNothing returned undefined/,
    ) as string,
  });
});

it('an executor whose submit returns what is no promise and has a then is awaited', async () => {
  const late = { then: (resolve: (value: number) => void) => resolve(42) };
  registerExecutor('returns-nothing', { useValue: { submit: () => late } as never });
  const outcome = new Service().lose();
  expect(outcome).toBeInstanceOf(Promise);
  await expect(outcome).resolves.toBe(42);
});

it('a class may have a static member `name`', async () => {
  await expect(Renamed.name()).resolves.not.toBe(threadId);
  await expect(new Renamed().here()).resolves.not.toBe(threadId);
});

it('a lock that runs no function says so, and stays free', async () => {
  const lock = new Lock();
  await expect((lock as any).run({ timeoutMs: 5 }, () => 1)).rejects.toMatchObject({
    ...code('INVALID_OPTION'),
    message: 'Lock.run(fn): expected a function, found an object.',
  });
  expect(lock.locked).toBe(false);
});

it('a function that is cooperative and no generator is told what it may be', async () => {
  const one = cooperative(1, (() => 1) as never);
  await expect(one()).rejects.toMatchObject({
    ...code('INVALID_OPTION'),
    message: expect.stringMatching(/returned 1 \(number\)\. What is cooperative is a generator/) as string,
  });
});

it.each([ThreadExecutor, ProcessExecutor, InlineExecutor])(
  'a function, or nothing, that is submitted to a %p is refused with how to call it',
  async (Kind) => {
    await expect(new Kind().submit((() => 1) as never)).rejects.toMatchObject({
      ...code('INVALID_OPTION'),
      message: expect.stringMatching(
        new RegExp(`submit\\(\\) of ${Kind.name}: expected a call.*found a function.*await service\\.load`),
      ) as string,
    });
    // As what an `await` was given that returns nothing.
    await expect(new Kind().submit(undefined as never)).rejects.toMatchObject(code('INVALID_OPTION'));
  },
);

it.each([ThreadExecutor, ProcessExecutor, InlineExecutor])(
  'the shutdown of a %p rejects an option that it does not know, and may be called again',
  async (Kind) => {
    const executor = new Kind();
    const wrong = executor.shutdown({ wait: true } as never);
    await expect(wrong).rejects.toMatchObject(code('INVALID_OPTION'));
    await expect(executor.shutdown()).resolves.toBeUndefined();
  },
);

it('an AbortController among the arguments is refused with what to pass', async () => {
  await expect((new Service() as any).load(new AbortController())).rejects.toMatchObject({
    ...code('NOT_CLONEABLE'),
    message: expect.stringContaining('pass its signal, as an argument of its own') as string,
  });
});
