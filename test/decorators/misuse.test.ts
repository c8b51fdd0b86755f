import 'reflect-metadata';
import {
  Executor,
  InlineExecutor,
  Portable,
  registerExecutor,
  RunInExecutor,
  runInExecutor,
  shutdownExecutors,
  transfer,
  Transient,
} from 'offloop';

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
  ['what has no name', () => RunInExecutor({} as never), /a class or a symbol, found an object\.$/],
  ['a transfer of a number', () => transfer(5 as never, []), /expected an object as the value, found 5/],
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
