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
import { BroughtError } from './data-brought';
import {
  Bytes,
  Data,
  Labels,
  List,
  Moment,
  PrinterError,
  Site,
  SealedError,
  UNDER_TEST,
} from './data-services';

/** Named by no types but those of a browser. */
const { WebAssembly: wasm } = globalThis as unknown as {
  WebAssembly: { Memory: new (limits: { initial: number }) => object };
};

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
      new wasm.Memory({ initial: 1 }),
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

  it('an instance of a class that extends a built-in one keeps what both have', async () => {
    const labels = new Labels([['a', Buffer.from('x')]]);
    labels.owner = labels;
    const list = Object.assign(List.from([labels, 2]) as List, { title: 'two' });
    const bytes = Object.assign(new Bytes([1, 2, 3]), { unit: 'mm' });
    const moment = Object.assign(new Moment(0), { zone: 'UTC' });
    const value = [list, bytes, moment, new Site('http://a/b'), new Set([labels]), bytes] as const;
    const copy = (await Data.echo(value)) as [List, Bytes, Moment, Site, Set<Labels>, Bytes];
    expect(copy.slice(0, 4).map((each) => each.constructor)).toEqual([List, Bytes, Moment, Site]);
    expect([copy[0].title, copy[0].last(), copy[1].sum(), copy[1].unit]).toEqual(['two', 2, 6, 'mm']);
    expect([copy[2].year(), copy[3].parts(), copy[5] === copy[1]]).toEqual(['1970 UTC', ['', 'b'], true]);
    const [[copied], [again]] = [copy[0] as unknown as Labels[], copy[4]];
    expect(copied).toBeInstanceOf(Labels);
    expect([again === copied, copied.owner === copied, 'log' in copied]).toEqual([true, true, false]);
    expect([...copied]).toEqual([['a', [Buffer.from('x')]]]);
    await expect(Data.ask([bytes], 'sum')).resolves.toEqual([6]);
    await expect(Data.ask([moment], 'year')).resolves.toEqual(['1970 UTC']);
  });

  it('an error that writes itself arrives as itself, with the stack of where it was thrown', async () => {
    const error = (await rejection(Data.fail('sealed'))) as SealedError;
    expect(error).toBeInstanceOf(SealedError);
    expect([error.message, error.seal()]).toEqual(['a printer', 'wax']);
    expect(error.stack).toMatch(/data-services\.ts[^]*data\.test\.ts/);
    await expect(Data.ask([new SealedError('', 'lead')], 'seal')).resolves.toEqual(['lead']);
    const broken = (await rejection(Data.fail('broken'))) as SealedError;
    expect(broken).toBeInstanceOf(SealedError);
    expect(broken.message).toBe('a printer');
  });

  it('an error among the arguments brings its class along', async () => {
    await expect(Data.ask([new BroughtError('afar')], 'describe')).resolves.toEqual(['afar']);
  });
});
