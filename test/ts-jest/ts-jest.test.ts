import 'reflect-metadata';
import { container, injectable } from 'tsyringe';
import { RunInExecutor, shutdownExecutors } from 'offloop';
import { InjectedService, Money, UNDER_TEST } from '../contract/services';
import Methods from '../contract/services';
import Nameless from './nameless';
import { ProcessExecutor, registerExecutor, ThreadExecutor } from 'offloop';

@injectable()
class Repository {
  readonly find = (id: string): string => `row ${id}`;
}

@injectable()
class LocalService {
  constructor(private readonly repository: Repository) {}

  @RunInExecutor(UNDER_TEST)
  async find(id: string): Promise<string> {
    return this.repository.find(id);
  }
}

afterAll(() => shutdownExecutors());

describe.each([
  ['threads', () => new ThreadExecutor({ maxWorkers: 1 })],
  ['processes', () => new ProcessExecutor({ maxWorkers: 1 })],
])('under ts-jest, %s', (_, make) => {
  beforeAll(() => registerExecutor(UNDER_TEST, { useFactory: make }));

  it('find services in TypeScript files, with their dependencies', async () => {
    await expect(container.resolve(InjectedService).describe()).resolves.toBe('hello default 42');
    await expect(container.resolve(LocalService).find('7')).resolves.toBe('row 7');
  });

  it('bring results and errors back as themselves', async () => {
    const methods = new Methods();
    await expect(methods.echo(new Map([[1, new Set([2])]]))).resolves.toStrictEqual(
      new Map([[1, new Set([2])]]),
    );
    await expect(methods.addMoney(new Money(1n, 'EUR'), new Money(1n, 'EUR'))).resolves.toBeInstanceOf(Money);
    await expect(methods.fail('type')).rejects.toBeInstanceOf(TypeError);
  });

  it('say of a class without a name that it needs one', async () => {
    await expect(new Nameless().who()).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_CALLABLE_NOT_FOUND',
      message: expect.stringMatching(/default_1\.who: .*without a name.*write class Name/) as string,
    });
  });
});
