import * as sync from 'offloop/sync';
import { diagnose } from '../support/diagnose';

it('exports the public names and no others', () => {
  expect(Object.keys(sync).sort()).toEqual(
    [
      'DeadlockError',
      'Event',
      'ItemTooLargeError',
      'Lock',
      'Queue',
      'QueueClosedError',
      'Semaphore',
      'WaitTimeoutError',
      'asyncToSync',
    ].sort(),
  );
});

const prelude = `
  import { RunInExecutor, runInExecutor } from 'offloop';
  import { asyncToSync, Lock, Queue, Semaphore, type Sync } from 'offloop/sync';
  void asyncToSync; void Lock; void Queue; void Semaphore; void runInExecutor;
  type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
  const check = <_ extends true>(): void => undefined;
  void check;
  export class Service {
    #secret = 1;
    readonly name = 'service';
    @RunInExecutor() async load(path: string, size?: number): Promise<Buffer> { void path; void size; return Buffer.alloc(this.#secret); }
    @RunInExecutor() static async count(): Promise<number> { return 1; }
    async *lines(): AsyncGenerator<string> { yield 'x'; }
    describe(): string { return this.name; }
  }
  export type View = Sync<Service>;
  export type Any<T> = 0 extends 1 & T ? true : false;
`;

describe('the types', () => {
  it('of a view say values for promises, and keep the rest', () => {
    expect(
      diagnose(`${prelude}
        const view = asyncToSync(new Service(), { timeoutMs: 1 });
        check<Same<ReturnType<typeof view.load>, Buffer>>();
        check<Same<Parameters<typeof view.load>, [path: string, size?: number]>>();
        check<Same<Any<ReturnType<typeof view.load>>, false>>();
        check<Same<typeof view.name, 'service'>>();
        check<Same<typeof view.describe, () => string>>();
        check<Same<keyof View, 'name' | 'load' | 'describe'>>();
        const count: number = asyncToSync(Service).count();
        const f = asyncToSync(runInExecutor('thread', (x: number, y?: string) => [x, y] as const));
        check<Same<typeof f, (x: number, y?: string | undefined) => readonly [number, string | undefined]>>();
        export const values = [count, f(1)];
      `),
    ).toEqual([]);
  });

  it('of a queue know its items', () => {
    expect(
      diagnose(`${prelude}
        const queue = new Queue<{ id: number }>({ maxItems: 1 });
        export const all = async (): Promise<number> => {
          for await (const { id } of queue) return id;
          return queue.getSync().id + (await queue.get()).id + (await new Lock().run(() => 1)) + new Semaphore(1).runSync(() => 2);
        };
      `),
    ).toEqual([]);
  });

  it.each([
    ['a value taken for a promise', `asyncToSync(new Service()).load('x').then(() => 1);`],
    ['a wrong argument', `asyncToSync(new Service()).load(1);`],
    ['a stream', `asyncToSync(new Service()).lines();`],
    ['an unknown option', `asyncToSync(new Service(), { timeout: 1 });`],
    ['an item of another type', `new Queue<number>().putSync('x');`],
    ['a signal for what waits in place', `new Lock().acquireSync({ signal: AbortSignal.abort() });`],
    ['a semaphore without permits', `new Semaphore();`],
  ])('refuse %s', (_, source) => {
    expect(diagnose(`${prelude} ${source}`)).not.toEqual([]);
  });
});
