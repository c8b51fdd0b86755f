import 'reflect-metadata';
import { AssertionError } from 'node:assert';
import { MessageChannel } from 'node:worker_threads';
import {
  type Executor,
  InlineExecutor,
  NotCloneableError,
  ProcessExecutor,
  QueueFullError,
  registerExecutor,
  ThreadExecutor,
  transfer,
} from 'offloop';
import { Data, PrinterError, UNDER_TEST } from './data-services';

const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => Promise.reject(new Error(`expected a rejection, got ${String(value)}`)),
    (reason: unknown) => reason,
  );

describe.each<[string, () => Executor]>([
  ['threads', () => new ThreadExecutor({ maxWorkers: 1 })],
  ['processes', () => new ProcessExecutor({ maxWorkers: 1 })],
  ['inline', () => new InlineExecutor()],
])('data, %s', (kind, make) => {
  let executor: Executor;

  beforeAll(() => {
    executor = make();
    registerExecutor(UNDER_TEST, { useValue: executor });
  });

  afterAll(() => executor.shutdown());

  it('an array whose indices are data is not gone through hole by hole', async () => {
    const byId: string[] = [];
    byId[1_700_000_000] = 'a row';
    const result = (await Data.echo({ byId })) as { byId: string[] };
    expect([result.byId.length, Object.entries(result.byId)]).toEqual([
      1_700_000_001,
      [['1700000000', 'a row']],
    ]);
  });

  it('memory that several parts have is moved once', async () => {
    const whole = (): ArrayBuffer => new Uint8Array([1, 2, 3, 4]).buffer;
    const marked = (buffer: ArrayBuffer, at: number): Uint8Array =>
      transfer(new Uint8Array(buffer, at, 2), [buffer]);
    const moved = whole();
    await expect(Data.take(marked(moved, 0), new Uint8Array(moved, 2), marked(moved, 2))).resolves.toEqual([
      2, 2, 2,
    ]);
    expect(moved.byteLength).toBe(kind === 'processes' ? 4 : 0);
    const twice = marked(whole(), 0);
    const together = Array.from({ length: 3 }, () => marked(whole(), 2));
    await expect(Data.echo(twice, twice)).resolves.toEqual(new Uint8Array([1, 2]));
    expect(await Promise.all(together.map((one) => Data.echo([one, one])))).toEqual(
      together.map(() => [new Uint8Array([3, 4]), new Uint8Array([3, 4])]),
    );
    await expect(Data.giveHalves()).resolves.toEqual([new Uint8Array([1, 2]), new Uint8Array([3, 4])]);
  });

  it('says what of a call cannot be copied or moved', async () => {
    const { port1, port2 } = new MessageChannel();
    const detached = new Uint8Array(4);
    structuredClone(detached, { transfer: [detached.buffer] });
    for (const [value, path] of [
      [port1, 'arguments[0]'],
      [detached, 'arguments[0]'],
    ] as const) {
      const error = (await rejection(Data.echo(value))) as NotCloneableError;
      expect(error).toBeInstanceOf(NotCloneableError);
      expect(error.path).toBe(path);
      expect(error.message).toMatch(/^Data\.echo: arguments\[0\] is an instance of .*[^.]\.$/);
    }
    port2.close();
    if (kind === 'processes') return;
    const error = (await rejection(
      Data.echo(transfer(new Uint8Array(1), [1 as never])),
    )) as NotCloneableError;
    expect(error).toBeInstanceOf(NotCloneableError);
    expect(error.path).toBe('arguments');
    expect(error.message).toMatch(/^Data\.echo: .* is to be moved, which cannot be copied/);
  });

  it('refuses what a copy would be empty of', async () => {
    for (const value of [
      new Map([[1, 2]]).values(),
      [1, 2].entries(),
      'text'[Symbol.iterator](),
      'text'.matchAll(/t/g),
      new Intl.NumberFormat('en'),
      new WebAssembly.Memory({ initial: 1 }),
      new FinalizationRegistry(() => undefined),
    ]) {
      const error = (await rejection(Data.echo([value]))) as NotCloneableError;
      expect(error).toBeInstanceOf(NotCloneableError);
      expect(error.path).toBe('arguments[0][0]');
      expect(error.message.includes('such as [...it]')).toBe(Symbol.iterator in value);
    }
  });

  it('an error that has but the name of another class does not arrive as that', async () => {
    const full = await rejection(Data.fail('queueFull'));
    expect(full).not.toBeInstanceOf(QueueFullError);
    expect(full).toMatchObject({
      name: 'QueueFullError',
      message: 'a printer has no more room',
      printer: 'a printer',
    });
    const assertion = await rejection(Data.fail('assertion'));
    expect(assertion).not.toBeInstanceOf(AssertionError);
    expect(assertion).toMatchObject({ name: 'AssertionError', message: 'a printer', showDiff: true });
    const [own] = (await Data.echo([new QueueFullError('of offloop')])) as [QueueFullError];
    expect(own).toBeInstanceOf(QueueFullError);
    expect(own.code).toBe('ERR_OFFLOOP_QUEUE_FULL');
  });

  it('keeps fields of an error at home that are marked so', async () => {
    const error = (await rejection(Data.fail('portable'))) as PrinterError;
    expect(error).toBeInstanceOf(PrinterError);
    expect({ ...error }).toEqual({ printer: 'a printer' });
    const [value] = (await Data.echo([new PrinterError('another')])) as [PrinterError];
    expect({ ...value }).toEqual({ printer: 'another' });
  });
});
