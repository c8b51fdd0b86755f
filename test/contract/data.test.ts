import 'reflect-metadata';
import { AssertionError } from 'node:assert';
import { SocketAddress } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
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
  Instant,
  Item,
  Labels,
  Ledger,
  List,
  Moment,
  Order,
  Parcel,
  Point,
  Price,
  PrinterError,
  Site,
  SealedError,
  UNDER_TEST,
} from './data-services';

/** Named by no types but those of a browser. */
const { WebAssembly: wasm } = globalThis as unknown as {
  WebAssembly: { Memory: new (limits: { initial: number }) => object };
};

/** As Node.js has it from 24 or 26 on, and libraries before. */
const emptyWithTag = (tag: string): object =>
  new (class {
    readonly [Symbol.toStringTag] = tag;
  })();

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

  // Few travel in another code than many, and keys that came before by a number.
  it.each([0, 1, 31, 32, 33, 224, 225, 256, 257, 448, 449, 1_000])(
    'rows, Maps and Sets of %i arrive as they were, and what is met twice stays one',
    async (size) => {
      const rows = Array.from({ length: size }, (_, id) => ({ id, name: `row ${id}`, tags: ['a', -0] }));
      const map = new Map<unknown, unknown>(rows.map((row) => [row.id % 2 ? row.name : { of: row.id }, row]));
      const set = new Set<unknown>(rows.map(({ name }) => name));
      for (let call = 0; call < 3; call++) {
        await expect(Data.echo(rows)).resolves.toEqual(rows);
        const copy = (await Data.echo(map)) as typeof map;
        expect([copy instanceof Map, [...copy]]).toEqual([true, [...map]]);
        await expect(Data.echo({ set })).resolves.toEqual({ set });
      }
      const [first, all] = (await Data.echo([map, rows, set, map])) as [Map<unknown, unknown>, object[]];
      expect([first.size, all.length]).toEqual([size, size]);
      expect([...first.values()].every((row, index) => row === all[index])).toBe(true);
      const [left, right] = (await Data.echo([set, set])) as [unknown, unknown];
      expect(left).toBe(right);
    },
  );

  it('a Map or a Set with an iterator of its own does no harm to what follows', async () => {
    for (let call = 0; call < 3; call++) {
      const set = Object.assign(new Set([1, 2, 3]), {
        *[Symbol.iterator]() {
          yield 9;
        },
      });
      const map = Object.assign(
        new Map([
          [1, 2],
          [3, 4],
        ]),
        {
          *[Symbol.iterator]() {
            yield [7, 8];
          },
        },
      );
      const [, , tail] = (await Data.echo([set, map, 'tail'])) as unknown[];
      expect(tail).toBe('tail');
    }
  });

  it('an instance of a class that is not portable arrives as a plain object, however often', async () => {
    const point = new Point(3, 4);
    for (let call = 0; call < 3; call++) {
      const result = (await Data.echo([
        point,
        { point },
        new Map([[1, point]]),
        new Point(5, 6),
      ])) as object[];
      expect(result).toEqual([
        { x: 3, y: 4 },
        { point: { x: 3, y: 4 } },
        new Map([[1, { x: 3, y: 4 }]]),
        { x: 5, y: 6 },
      ]);
      expect(Object.getPrototypeOf(result[3])).toBe(Object.prototype);
      await expect(Data.makePoint()).resolves.toEqual({ x: 1, y: 2 });
      const disguised = (await rejection(Data.echo(new Proxy(point, {})))) as NotCloneableError;
      expect(disguised).toBeInstanceOf(NotCloneableError);
      expect(disguised.path).toBe('arguments[0]');
      const holder = Object.assign(new Point(7, 8), { print: () => undefined });
      await expect(Data.echo(holder)).rejects.toMatchObject({ path: 'arguments[0]' });
    }
  });

  it('an accessor of a class stays at home, however often instances of it travel', async () => {
    for (let call = 0; call < 3; call++) {
      await expect(Data.echo([new Order(1), new Order(2)])).resolves.toStrictEqual([{ id: 1 }, { id: 2 }]);
      await expect(Data.makeOrder()).resolves.toStrictEqual({ id: 1 });
    }
  });

  it('instances are themselves as soon as their class is marked portable, whatever fields they have', async () => {
    await Data.echo([new Parcel(1), new Parcel(2)]);
    jest.requireActual('./data-late');
    await expect(Data.ask([new Parcel(12)], 'isHeavy')).resolves.toEqual([true]);
    const named = Object.assign(new Parcel(1), { constructor: 'a field' });
    const copy = (await Data.echo(named)) as object;
    expect(Object.getPrototypeOf(copy)).toBe(Parcel.prototype);
    expect(copy).toHaveProperty('constructor', 'a field');
    for (let call = 0; call < 2; call++) expect(await Data.echo(new Parcel(12))).toBeInstanceOf(Parcel);
  });

  it('an array that a getter of its items changes does no harm to what follows', async () => {
    const growing = (): unknown[] => {
      const items: unknown[] = [1, 2];
      items.unshift({
        get size() {
          return items.push(4) && 1;
        },
      });
      return items;
    };
    await Data.echo('the worker is there');
    for (let call = 0; call < 3; call++) {
      expect(((await Data.echo(growing(), 'next')) as unknown[]).slice(1, 3)).toEqual([1, 2]);
      await expect(Data.echo({ call })).resolves.toEqual({ call });
    }
  });

  it('an array that has an iterator of its own arrives with its items', async () => {
    const make = (): number[] => Object.assign([1, 2], { [Symbol.iterator]: () => [3].values() });
    const results = await Promise.all(Array.from({ length: 20 }, () => Data.echo({ list: make() })));
    for (const result of results) {
      const { list } = result as { list: number[] };
      expect([list.length, list[0], list[1]]).toEqual([2, 1, 2]);
    }
  });

  it.each([3, 30, 1_000])(
    '%i instances keep their class, and what has no prototype has none',
    async (count) => {
      const bare = (id: number): object => Object.assign(Object.create(null) as object, { id });
      const item = (cents: number): Item => {
        const made = new Item(new Price(cents));
        made.parts.push(new Item(new Price(1)), new Item(new Price(2)));
        return made;
      };
      const make = (id: number): Record<string, unknown> => ({
        item: item(id),
        bare: bare(id),
        map: new Map([[bare(id), item(id)]]),
        error: Object.assign(new PrinterError('a printer'), {
          first: bare(id),
          second: bare(id),
          item: item(id),
        }),
        url: new URL('http://localhost/'),
        bytes: [Buffer.from('a'), Buffer.from('b')],
      });
      const all = Array.from({ length: count }, (_, id) => make(id));
      const shared = new Price(7);
      const given = { all, bare: all.map(({ bare }) => bare), shared: [shared, item(1), shared] };
      const isBare = (value: unknown, id: number): boolean =>
        Object.getPrototypeOf(value) === null && isDeepStrictEqual({ ...(value as object) }, { id });
      const isItem = (value: unknown, id: number): boolean =>
        value instanceof Item && value.total() === id + 3 && value.price instanceof Price;
      const isRight = (got: unknown, id: number): boolean => {
        const { item, bare, map, error, url, bytes } = got as Record<string, object>;
        const [[key, kept]] = map as Map<unknown, unknown>;
        const { first, second, item: held } = error as unknown as Record<string, unknown>;
        return (
          [item, kept, held].every((value) => isItem(value, id)) &&
          [bare, key, first, second].every((value) => isBare(value, id)) &&
          error instanceof PrinterError &&
          url instanceof URL &&
          isDeepStrictEqual(bytes, [Buffer.from('a'), Buffer.from('b')])
        );
      };
      const result = (await Data.echo(given)) as typeof given;
      expect(result.all.filter((got, id) => !isRight(got, id))).toEqual([]);
      expect(result.bare.filter((value, id) => value !== result.all[id].bare)).toEqual([]);
      expect(result.all).toHaveLength(count);
      expect(result.shared[0]).toBe(result.shared[2]);
      expect((result.shared[1] as Item).total()).toBe(4);
      expect(Object.getPrototypeOf(await Data.echo(bare(1)))).toBe(null);
      expect(((await Data.echo(...all.slice(0, 3).map(({ item }) => item))) as Item).total()).toBe(3);
    },
  );

  it("what was given is the caller's to change at once, whatever it is, and although it waits", async () => {
    const make = (): Record<string, unknown> => ({
      rows: Array.from({ length: 100 }, (_, id) => ({ id })),
      date: new Date(0),
      point: new Point(1, 2),
      map: new Map([['key', { value: 1 }]]),
      url: new URL('http://localhost/1'),
      bytes: Buffer.from('bytes'),
      view: new Uint16Array([1, 2]),
      error: new RangeError('before'),
      bare: Object.assign(Object.create(null) as object, { id: 1 }),
      deep: Array.from({ length: 40 }).reduce((inner) => ({ inner }), { date: new Date(0) }),
    });
    const spoil = (part: unknown): void => {
      if (part instanceof Date) part.setTime(1);
      else if (part instanceof Map) part.set('key', 'SPOILED');
      else if (part instanceof URL) part.pathname = '/2';
      else if (part instanceof Error) part.message = 'after';
      else if (ArrayBuffer.isView(part)) (part as Uint8Array).fill(0);
      else if (typeof part === 'object' && part !== null) {
        for (const inner of Object.values(part)) spoil(inner);
        for (const key of Object.keys(part)) (part as Record<string, unknown>)[key] = 'SPOILED';
      }
    };
    const names = Object.keys(make());
    const given = Array.from({ length: 20 }, (_, index) => {
      const all = make();
      return index % 2 === 0 ? all : { [names[index % names.length]]: all[names[index % names.length]] };
    });
    const results = given.map((all) => Data.echo(all));
    given.forEach(spoil);
    for (const [index, result] of results.entries()) {
      const all = (await result) as Record<string, unknown>;
      const expected = make();
      for (const name of Object.keys(all)) {
        if (name === 'point') expected.point = { x: 1, y: 2 };
        if (name === 'error') expect((all.error as Error).message).toBe('before');
        else if (name === 'url') expect((all.url as URL).href).toBe('http://localhost/1');
        else expect(all[name]).toEqual(expected[name]);
      }
      expect(Object.keys(all)).toHaveLength(index % 2 === 0 ? names.length : 1);
    }
  });

  it('what is met twice stays one, and what holds itself does, although the call waits', async () => {
    const make = (size: number): Record<string, unknown> => {
      const part = { rows: Array.from({ length: size }, (_, id) => ({ id })) };
      const all = { part, list: [part, part], map: new Map([[part, part]]), set: new Set([part]) };
      return Object.assign(all, { all });
    };
    const results = await Promise.all(
      Array.from(
        { length: 40 },
        (_, index) => Data.echo(make(index * 12)) as Promise<ReturnType<typeof make>>,
      ),
    );
    results.forEach((result, index) => {
      const { part, list, map, set, all } = result;
      expect((part as { rows: unknown[] }).rows).toHaveLength(index * 12);
      const met = [
        ...(list as unknown[]),
        ...[...(map as Map<unknown, unknown>)].flat(),
        ...(set as Set<unknown>),
      ];
      expect(met.map((one) => one === part)).toEqual(Array(5).fill(true));
      expect(all).toBe(result);
    });
  });

  it('views of one buffer see each other where no boundary of a process lies between', async () => {
    const { buffer } = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]);
    const views = [new Uint8Array(buffer, 0, 4), new Uint8Array(buffer, 4), new Float64Array(buffer)];
    const copies = (await Data.echo(views)) as typeof views;
    expect(copies).toEqual(views);
    expect(new Set(copies.map((view) => view.buffer)).size).toBe(kind === 'processes' ? 3 : 1);
  });

  it('whatever it is, what is met twice stays one, and may hold itself', async () => {
    const list: unknown[] = [];
    const map = new Map<unknown, unknown>();
    const set = new Set<unknown>();
    const plain: Record<string, unknown> = {};
    const bare = Object.create(null) as Record<string, unknown>;
    const array = new Uint8Array([1, 2, 3]);
    const large = new Float64Array(1_000).fill(0.5);
    const parts = [
      list,
      map,
      set,
      plain,
      bare,
      array,
      large,
      new Date(1),
      Buffer.from('one'),
      Buffer.alloc(9_000, 7),
      [[[[[[[[{ far: 'down' }]]]]]]]],
    ];
    list.push(list, array, ...parts);
    map.set(map, list);
    set.add(set);
    plain.plain = plain;
    bare.plain = plain;
    for (let call = 0; call < 3; call++) {
      const value = { parts, ...(call > 0 && { map, bare, again: [...parts].reverse() }) };
      const copy = (await Data.echo(value)) as typeof value;
      expect(copy.parts.slice(5)).toEqual(parts.slice(5));
      expect(copy.parts.map((part) => Object.prototype.toString.call(part))).toEqual(
        parts.map((part) => Object.prototype.toString.call(part)),
      );
      const [all, same, own, plainCopy, none] = copy.parts as [
        typeof list,
        typeof map,
        typeof set,
        object,
        object,
      ];
      expect(all.slice(2).map((part, index) => part === copy.parts[index])).toEqual(parts.map(() => true));
      expect([all[0] === all, same.get(same) === all, own.has(own)]).toEqual([true, true, true]);
      expect([(plainCopy as typeof plain).plain === plainCopy, Object.getPrototypeOf(none)]).toEqual([
        true,
        null,
      ]);
      expect(copy.again?.reverse().map((part, index) => part === copy.parts[index])).toEqual(
        call > 0 ? parts.map(() => true) : undefined,
      );
    }
  });

  it('what is shared again and again is not looked at again and again', async () => {
    let looks = 0;
    const end = {
      get value() {
        looks++;
        return 1;
      },
    };
    let layer: object[] = [end, end];
    for (let level = 0; level < 18; level++) {
      const [x, y] = layer;
      layer = [
        { x, y },
        { x, y },
      ];
    }
    const [first, second] = (await Data.echo(layer)) as { x: object; y: object }[];
    expect(first.y).toBe(second.y);
    expect(first.x).toBe(second.x);
    expect(looks).toBeLessThan(10_000);
  });

  it('fields that getters add or take away, and what a prototype holds, do no harm to what follows', async () => {
    function Old(this: { own: number }): void {
      this.own = 1;
    }
    Object.assign(Old.prototype as object, { inherited: 2 });
    const make = [
      (): object => new (Old as unknown as new () => object)(),
      (): object => {
        const value = {
          first: 1,
          get second() {
            delete (this as { third?: number }).third;
            return 2;
          },
          third: 3,
          last: 4,
        };
        return value;
      },
      (): object => {
        const value = {
          first: 1,
          get second() {
            (this as { added?: number }).added = 5;
            return 2;
          },
        };
        return value;
      },
    ];
    const calls = Array.from({ length: 60 }, (_, index) => Data.echo([make[index % 3](), { tail: index }]));
    const [old, less, more] = [{ own: 1 }, { first: 1, second: 2, last: 4 }, { first: 1, second: 2 }];
    for (const [index, result] of (await Promise.all(calls)).entries()) {
      const [value, tail] = result as [object, object];
      expect(value).toMatchObject([old, less, more][index % 3]);
      expect('inherited' in value || 'third' in value).toBe(false);
      expect(tail).toEqual({ tail: index });
    }
  });

  it('what a receiver writes itself as is its own to change at once, although the call waits', async () => {
    // There, it is the caller's own.
    if (kind === 'inline') return;
    const makers: (() => Record<number, unknown> | Map<unknown, unknown>)[] = [
      () => ({ 0: 'before' }),
      () => ['before'],
      () => new Uint8Array([1]),
      () => new Map([[0, 'before']]),
    ];
    const given = [...makers, ...makers].map((makeOne) => makeOne());
    const results = given.map((entries) => new Ledger(entries).read());
    for (const entries of given) {
      if (entries instanceof Map) entries.set(0, 'after');
      else entries[0] = 2;
    }
    await expect(Promise.all(results)).resolves.toEqual([...makers, ...makers].map((makeOne) => makeOne()));
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

  it('says by its path what of a call cannot be copied or moved, as of a result', async () => {
    const { port1, port2 } = new MessageChannel();
    const detached = new Uint8Array(4);
    structuredClone(detached, { transfer: [detached.buffer] });
    for (const [value, path] of [
      [port1, 'arguments[0]'],
      [detached, 'arguments[0]'],
      [{ list: [1, { port1 }] }, 'arguments[0].list[1].port1'],
      [new Map([['stream', new ReadableStream()]]), 'arguments[0].stream'],
      [[new Uint8Array(1), { detached }], 'arguments[0][1].detached'],
    ] as const) {
      const error = (await rejection(Data.echo(value))) as NotCloneableError;
      expect(error).toBeInstanceOf(NotCloneableError);
      expect(error.path).toBe(path);
      expect(error.message.startsWith(`Data.echo: ${path} is an instance of `)).toBe(true);
      expect(error.message).toMatch(/[^.]\.$/);
    }
    port2.close();
    if (kind === 'processes') return;
    const stream = new ReadableStream();
    await expect(Data.echo(transfer({ list: [stream] }, [stream as never]))).rejects.toMatchObject({
      path: 'result.list[0]',
      message: expect.stringContaining('transfer(it, [it])') as string,
    });
    const error = (await rejection(
      Data.echo(transfer(new Uint8Array(1), [{} as never])),
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
      ...['Temporal.Instant', 'DisposableStack', 'AsyncDisposableStack'].map(emptyWithTag),
    ]) {
      const error = (await rejection(Data.echo([value]))) as NotCloneableError;
      expect(error).toBeInstanceOf(NotCloneableError);
      expect(error.path).toBe('arguments[0][0]');
      expect(error.message.includes('such as [...it]')).toBe(Symbol.iterator in value);
    }
  });

  it('what a copy would be empty of arrives as itself where its class writes it', async () => {
    const [instant] = (await Data.echo([new Instant('noon')])) as [Instant];
    expect(instant).toBeInstanceOf(Instant);
    expect(String(instant)).toBe('noon');
  });

  it('an address is carried as structured clone does it, or refused, and not emptied', async () => {
    const echoed = Data.echo([new SocketAddress({ address: '10.0.0.1', port: 80 })]);
    if (kind === 'processes') {
      await expect(echoed).rejects.toMatchObject({ path: 'arguments[0][0]' });
      return;
    }
    const [address] = (await echoed) as [SocketAddress];
    expect([address.address, address.port, address.family]).toEqual(['10.0.0.1', 80, 'ipv4']);
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

  it('a message that is no text arrives as structured clone has it', async () => {
    for (const [message, arrives] of [
      [['name is empty', 'age is missing'], 'name is empty,age is missing'],
      [404, '404'],
      [{ toString: (): string => 'written' }, 'written'],
      [undefined, ''],
    ] as const) {
      const error = Object.assign(new RangeError('x'), { message });
      await expect(Data.echo(error)).resolves.toMatchObject({ name: 'RangeError', message: arrives });
    }
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

  it('what was assigned to an error shows in it, its name and its message too', async () => {
    const assigned = { name: 'StockError', message: 'none left' };
    const errors = [Object.assign(new Error(), assigned), new TypeError('given')];
    const copies = (await Data.echo(errors)) as Error[];
    expect(copies.map((copy) => ({ ...copy }))).toEqual([assigned, {}]);
    expect(copies.map(String)).toEqual(['StockError: none left', 'TypeError: given']);
  });

  it('an error far inside a value keeps its fields beside one that cannot be copied', async () => {
    const held = Object.assign(new Error('held'), { code: 'HELD', send: () => undefined });
    const [copy] = (await Data.echo([{ a: { b: { c: held } } }])) as [{ a: { b: { c: Error } } }];
    expect({ ...copy.a.b.c }).toEqual({ code: 'HELD', send: "[not cloneable: a function 'send']" });
    const chain = [1, 2, 3].reduce((cause, level) => new Error(`${level}`, { cause }), held as Error);
    const [outer] = (await Data.echo([chain])) as [{ cause: { cause: Error } }];
    expect({ ...(outer.cause.cause.cause as Error) }).toEqual({ ...copy.a.b.c });
  });

  // From Node.js 24 on.
  if ('SuppressedError' in globalThis)
    it('what failed as a block was left arrives beside what had failed in it', async () => {
      const error = new SuppressedError(new TypeError('to close'), new RangeError('to read'), 'both failed');
      const [copy] = (await Data.echo([error])) as [SuppressedError];
      expect(copy).toBeInstanceOf(SuppressedError);
      expect([copy.name, copy.message]).toEqual(['SuppressedError', 'both failed']);
      expect([copy.error, copy.suppressed]).toEqual([error.error, error.suppressed]);
      expect(copy.suppressed).toBeInstanceOf(RangeError);
    });

  it('an aggregate keeps its errors beside what cannot be copied', async () => {
    const error = new AggregateError([new RangeError('one'), () => undefined]);
    const [copy] = (await Data.echo([error])) as [AggregateError];
    expect(copy.errors).toEqual([new RangeError('one'), '[not cloneable: a function]']);
    expect(copy.errors[0]).toBeInstanceOf(RangeError);
  });

  it('an error among the arguments brings its class along', async () => {
    await expect(Data.ask([new BroughtError('afar')], 'describe')).resolves.toEqual(['afar']);
  });
});
