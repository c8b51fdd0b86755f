import { AssertionError } from 'node:assert';
import { AsyncLocalStorage } from 'node:async_hooks';
import { registerExecutor, NotCloneableError, type Executor } from 'offloop';
import Methods, {
  Clock,
  double,
  InjectedService,
  makeCounter,
  Money,
  nest,
  Page,
  PaymentError,
  StoppedError,
  Secret,
  serialized,
  Tag,
  UNDER_TEST,
} from './services';

const rejection = async (promise: Promise<unknown>): Promise<unknown> => {
  const outcome = await promise.then(
    (value) => ({ value }),
    (reason: unknown) => ({ reason }),
  );
  if (!('reason' in outcome)) throw new Error(`expected a rejection, got ${String(outcome.value)}`);
  return outcome.reason;
};

function argumentsOf(..._args: unknown[]): IArguments {
  // eslint-disable-next-line prefer-rest-params
  return arguments;
}

const urlKeys = (): Map<unknown, unknown> =>
  new Map<unknown, unknown>([
    [new URL('http://a/'), 1],
    ['http://a/', 2],
    [null, 3],
    [new URLSearchParams('a=1'), new Map([[new URL('http://b/'), new Set([Buffer.from('x')])]])],
  ]);

/** The specification: what every executor does with a call. */
export function describeContract(name: string, make: () => Executor): void {
  describe(`the contract, ${name}`, () => {
    const methods = new Methods();
    let executor: Executor;

    beforeAll(() => {
      executor = make();
      registerExecutor(UNDER_TEST, { useValue: executor });
    });

    afterAll(() => executor.shutdown());

    it('runs synchronous, asynchronous and promise-returning bodies', async () => {
      await expect(methods.echo(1)).resolves.toBe(1);
      await expect(methods.asynchronous(2)).resolves.toBe(2);
      await expect(methods.promising(3)).resolves.toBe(3);
    });

    it('takes no more calls once it is shut down, and lets those that it has end', async () => {
      const ended = make();
      const doubled = ended.map(double, [1, 2]);
      await expect(doubled.next()).resolves.toMatchObject({ value: 2 });
      await ended.shutdown();
      await expect(doubled.next()).resolves.toMatchObject({ value: 4 });
      await expect(ended.map(double, [3]).next()).rejects.toMatchObject({
        code: 'ERR_OFFLOOP_EXECUTOR_SHUTDOWN',
      });
      await ended.shutdown();
    });

    it('answers calls that come one after the other, however many', async () => {
      for (let index = 0; index < 6_000; index++)
        if ((await methods.echo(index)) !== index)
          throw new Error(`the call ${index} was answered by another`);
      // Whoever looked out for the next has given up meanwhile.
      await new Promise((resolve) => setTimeout(resolve, 5));
      await expect(methods.echo('again')).resolves.toBe('again');
    });

    it('leaves each caller its async context, whatever becomes of its call', async () => {
      const requests = new AsyncLocalStorage<number>();
      const serve = async (id: number): Promise<unknown[]> => {
        const seen = [await methods.echo(id), requests.getStore()];
        await methods.failWith(id).catch(() => seen.push(requests.getStore()));
        const aborted = methods
          .never(AbortSignal.abort())
          .then(undefined, () => seen.push(requests.getStore()));
        await aborted.finally(() => seen.push(requests.getStore()));
        for await (const doubled of executor.map(double, [id])) seen.push(doubled / 2, requests.getStore());
        return seen;
      };
      const ids = Array.from({ length: 100 }, (_, id) => id);
      const seen = await Promise.all(ids.map((id) => requests.run(id, () => serve(id))));
      expect(seen).toEqual(ids.map((id) => Array<number>(7).fill(id)));
    });

    it('runs static methods on the class, and wrapped functions', async () => {
      await expect(Methods.whoAmI()).resolves.toBe('Methods');
      await expect(double(21)).resolves.toBe(42);
    });

    it('resolves an injectable class with its dependencies, and lays plain data over it', async () => {
      const service = new InjectedService(new Clock(), 'hello');
      await expect(service.describe()).resolves.toBe('hello default 42');
      service.label = 'changed';
      await expect(service.describe()).resolves.toBe('hello changed 42');
      service.label = 'default';
      await expect(service.describe()).resolves.toBe('hello default 42');
    });

    it('gives any other class a copy of its fields', async () => {
      await expect(makeCounter(5).increment(2)).resolves.toBe(7);
    });

    it.each<[string, unknown]>([
      ['undefined', undefined],
      ['null', null],
      ['minus zero', -0],
      ['NaN', NaN],
      ['an integer beyond 32 bits', 2 ** 40],
      ['a fraction', 0.1],
      ['a bigint', 2n ** 80n],
      ['a short string', 'hällo'],
      ['a string beyond latin1', '日本語 🎉'],
      ['a long string', 'x'.repeat(100_000)],
      ['a nested object', { list: [1, { deep: { deeper: [null, undefined] } }] }],
      [
        'a Map',
        new Map<unknown, unknown>([
          ['a', new Map([[1, 2]])],
          [{ key: 1 }, 'object key'],
        ]),
      ],
      ['a Set', new Set([1, 'two', { three: 3 }])],
      ['a Date', new Date(0)],
      ['a RegExp', /x+/giu],
      ['a typed array', new Float64Array([1.5, -0])],
      ['an ArrayBuffer', new Uint8Array([1, 2, 3]).buffer],
      ['a URL', new URL('https://example.com/?q=1#h')],
      ['URL parameters', new URLSearchParams('a=1&a=2')],
      ['an object without a prototype', Object.assign(Object.create(null), { a: 1 })],
      ['a Map with keys of all kinds', urlKeys()],
      ['a Set of what is alike', new Set([new URL('http://a/'), 'http://a/', new URL('http://a/')])],
      ['a key named __proto__', JSON.parse('{"__proto__": {"polluted": true}}')],
    ])('carries %s both ways', async (_, value) => {
      await expect(methods.echo([value])).resolves.toStrictEqual([value]);
      const single: unknown = await methods.echo(value);
      expect(Object.is(single, value) || typeof single === 'object').toBe(true);
    });

    it('keeps Buffers, at any depth', async () => {
      const [buffer, { inner }] = (await methods.echo([
        Buffer.from('abc'),
        { inner: Buffer.from('def') },
      ])) as [Buffer, { inner: Buffer }];
      expect(Buffer.isBuffer(buffer) && Buffer.isBuffer(inner)).toBe(true);
      expect(buffer.toString() + inner.toString('utf8')).toBe('abcdef');
    });

    it('gives each array of bytes a buffer of its own, where nothing else is', async () => {
      const sent = [new Uint8Array([1, 2, 3]), new Float64Array([1.5]), new DataView(new ArrayBuffer(6))];
      const arrays = (await methods.echo(sent)) as ArrayBufferView[];
      expect(arrays).toStrictEqual(sent);
      expect(arrays.map((one) => [one.byteOffset, one.buffer.byteLength])).toEqual([
        [0, 3],
        [0, 8],
        [0, 6],
      ]);
    });

    it('keeps what arrays of bytes are, of each class and length', async () => {
      const memory = (bytes: number): ArrayBuffer =>
        Uint8Array.from({ length: bytes }, (_, index) => index).buffer;
      const views = [
        ...[1, 2, 3, 4, 63, 64, 65, 5_000, 16_360, 16_384, 20_000].map((bytes) => Buffer.from(memory(bytes))),
        Buffer.from('of a pool'),
        Buffer.from(memory(16), 3, 5),
        Buffer.alloc(0),
        ...[Uint8Array, Int8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array].map(
          (View) => new View(memory(24)),
        ),
        ...[Float32Array, Float64Array, BigInt64Array, BigUint64Array, DataView].map(
          (View: new (memory: ArrayBuffer) => ArrayBufferView) => new View(memory(24)),
        ),
        new Uint8Array(memory(16), 2, 9),
        new Uint8Array(0),
      ];
      for (const view of views) {
        for (const value of [view, ['x', view, 0.5], { key: 'odd', view }])
          expect(await methods.echo(value)).toStrictEqual(value);
      }
      const texts = Array.from({ length: 20 }, (_, index) => Buffer.from(`text ${index}`));
      expect(await methods.echo(texts)).toStrictEqual(texts);
      const echoed = (await methods.echo(texts[0])) as Buffer;
      expect([echoed.byteOffset, echoed.buffer.byteLength]).toEqual([0, 6]);
    });

    it('keeps what arrays of bytes share', async () => {
      const text = Buffer.from('text');
      const { buffer } = new Uint8Array(8);
      const [first, second] = (await methods.echo([text, text])) as Buffer[];
      expect(first).toBe(second);
      const [bytes, words] = (await methods.echo([new Uint8Array(buffer), new Int32Array(buffer)])) as [
        Uint8Array,
        Int32Array,
      ];
      if (name !== 'processes') expect(bytes.buffer).toBe(words.buffer);
      expect([bytes, words]).toStrictEqual([new Uint8Array(8), new Int32Array(2)]);
    });

    it('keeps Buffers whose memory may grow, as large ones as small ones', async () => {
      const Growing = ArrayBuffer as new (bytes: number, options: { maxByteLength: number }) => ArrayBuffer;
      for (const bytes of [16, 200_000]) {
        const text = Buffer.from(new Growing(bytes, { maxByteLength: 2 * bytes })).fill('x');
        const echoed = (await methods.echo(text)) as Buffer;
        expect(echoed).toStrictEqual(text);
        if (name !== 'processes')
          expect(echoed.buffer).toMatchObject({ resizable: true, maxByteLength: 2 * bytes });
      }
    });

    it('keeps cycles, shared parts and holes', async () => {
      const shared = { buffer: Buffer.from('x') };
      const value: { self?: unknown; parts: unknown[] } = { parts: [shared, shared] };
      value.self = value;
      const copy = (await methods.echo(value)) as typeof value;
      expect(copy.self).toBe(copy);
      expect(copy.parts[0]).toBe(copy.parts[1]);
      const sparse = (await methods.echo([1, , 3])) as unknown[];
      expect([sparse.length, 1 in sparse]).toEqual([3, false]);
    });

    it('keeps what is portable alive', async () => {
      const sum = await methods.addMoney(new Money(1n, 'EUR'), new Money(2n, 'EUR'));
      expect(sum).toBeInstanceOf(Money);
      expect(sum.plus(sum)).toStrictEqual(new Money(6n, 'EUR'));
      const [revealed, secret] = await methods.reveal(new Secret('s3cret'));
      expect([revealed, secret.reveal()]).toEqual(['s3cret', 's3cret']);
    });

    it('has what an instance wrote of itself for its fields, where its class does not say how to read it', async () => {
      const page = (await methods.echo(new Page(new Map([['a', new Money(2n, 'EUR')]])))) as Page;
      expect([page.total(), Object.keys(page)]).toEqual([2n, ['rows']]);
    });

    it('takes a Map or a Set of many Buffers about as fast as a list of them', async () => {
      const buffers = Array.from({ length: 8_000 }, (_, index) => Buffer.from([index]));
      const timed = async (value: unknown): Promise<number> => {
        const begin = performance.now();
        await methods.echo(value);
        return performance.now() - begin;
      };
      await timed(buffers);
      const list = await timed(buffers);
      for (const value of [new Map(buffers.entries()), new Set(buffers)])
        expect((await timed(value)) / list).toBeLessThan(15);
    });

    it('keeps apart what writes itself as the same primitive, in Maps and Sets', async () => {
      const tags = [new Tag('x'), new Tag('x'), new Tag(undefined)];
      const set = (await methods.echo(new Set([...tags, 'x']))) as Set<unknown>;
      expect([...set].map((one) => (one instanceof Tag ? [one.data] : one))).toEqual([
        ['x'],
        ['x'],
        [undefined],
        'x',
      ]);
    });

    it('revives an instance with the whole of what it wrote, errors and Maps among it', async () => {
      const inner = new RangeError('inner', { cause: new Tag(new Map([[new URL('http://a/'), 1]])) });
      const tag = (await methods.echo(new Tag({ inner, again: [inner] }))) as Tag;
      const { inner: error, again } = tag.data as { inner: RangeError; again: RangeError[] };
      expect(error).toBeInstanceOf(RangeError);
      expect([error.message, again[0] === error]).toEqual(['inner', true]);
      const [[key, one]] = (error.cause as Tag).data as Map<URL, number>;
      expect([key.href, one]).toEqual(['http://a/', 1]);
      // Made when the instance was: fromPortable() saw the error, not what it travels as.
      expect(tag.seen).toBe('{"inner":"RangeError","again":"Array"}');
    });

    it('carries errors as values', async () => {
      const [error] = (await methods.echo([new TypeError('as a value', { cause: 1 })])) as [TypeError];
      expect(error).toBeInstanceOf(TypeError);
      expect([error.message, error.cause]).toEqual(['as a value', 1]);
    });

    it('lets an error arrive as itself: class, message, code, fields, cause and stack', async () => {
      const error = (await rejection(methods.fail('type'))) as TypeError & {
        code: string;
        extra: unknown;
        cause: Error;
      };
      expect(error).toBeInstanceOf(TypeError);
      expect([error.message, error.code, error.extra]).toEqual(['wrong type', 'E_TYPE', [1]]);
      expect(error.cause).toBeInstanceOf(RangeError);
      expect(error.stack).toMatch(/services\.ts[^]*contract\.ts/);
    });

    it('lets an error arrive through map with the stack of who iterates below that of the function', async () => {
      const consume = async (): Promise<void> => {
        for await (const doubled of executor.map(double, [1, 2n as never])) expect(doubled).toBe(2);
      };
      const error = (await rejection(consume())) as TypeError;
      expect(error).toBeInstanceOf(TypeError);
      expect(error.stack).toMatch(/services\.ts[^]*contract\.ts/);
    });

    it('lets built-in, system, assertion and portable errors arrive as themselves', async () => {
      const aggregate = (await rejection(methods.fail('aggregate'))) as AggregateError;
      expect(aggregate).toBeInstanceOf(AggregateError);
      expect(aggregate.errors.map((each: Error) => [each instanceof SyntaxError, each.message])).toEqual([
        [true, 'one'],
        [false, 'two'],
      ]);
      const dom = (await rejection(methods.fail('dom'))) as DOMException;
      expect([dom instanceof DOMException, dom.name, dom.message, dom.code]).toEqual([
        true,
        'AbortError',
        'stopped',
        20,
      ]);
      const stopped = (await rejection(methods.fail('portable dom'))) as StoppedError;
      expect(stopped).toBeInstanceOf(StoppedError);
      expect([stopped.name, stopped.message, stopped.code, stopped.step]).toEqual([
        'AbortError',
        'stopped',
        20,
        3,
      ]);
      await expect(methods.fail('system')).rejects.toMatchObject({
        code: 'ENOENT',
        syscall: 'open',
        path: '/does/not/exist',
      });
      const assertion = await rejection(methods.fail('assertion'));
      expect(assertion).toBeInstanceOf(AssertionError);
      expect(assertion).toMatchObject({
        actual: 1,
        expected: 2,
        operator: 'strictEqual',
        code: 'ERR_ASSERTION',
      });
      const payment = (await rejection(methods.fail('portable'))) as PaymentError;
      expect(payment).toBeInstanceOf(PaymentError);
      expect(payment.amount).toStrictEqual(new Money(3n, 'EUR'));
      expect((payment.cause as Error).message).toBe('why');
    });

    it('lets fields of an error arrive that do not show', async () => {
      const error = (await rejection(methods.fail('fields that do not show'))) as Error & {
        issues: { path: string[]; cause: Error }[];
        internal: { issues: unknown; check: unknown };
      };
      expect(Object.keys(error)).toEqual([]);
      expect(error.issues[0].path).toEqual(['name']);
      expect(error.issues[0].cause).toBeInstanceOf(RangeError);
      expect(error.internal.issues).toBe(error.issues);
      expect(error.internal.check).toMatch(/^\[not cloneable: a function/);
      expect(String(error)).toBe('TypeError: invalid');
    });

    it('lets a field of an error be named as the prototype is', async () => {
      const error = (await rejection(methods.fail('field named __proto__'))) as Error;
      expect(error).toBeInstanceOf(Error);
      expect(Object.getOwnPropertyDescriptor(error, '__proto__')?.value).toEqual({ x: [1] });
    });

    it('loses no error over what it cannot carry', async () => {
      const unknown = await rejection(methods.fail('unknown'));
      expect(unknown).toMatchObject({ name: 'UnknownError', message: 'of a class of its own' });
      expect(Object.getPrototypeOf(unknown)).toBe(Error.prototype);
      await expect(methods.fail('frozen')).rejects.toThrow('frozen');
      await expect(methods.fail('getter')).rejects.toThrow('getter');
      await expect(methods.fail('uncloneable field')).rejects.toThrow('with a socket');
      const again = (await rejection(methods.fail('cause in an uncloneable field'))) as Error & {
        request: { last: unknown };
      };
      expect(again.cause).toBeInstanceOf(RangeError);
      expect(again.request.last).toBe(again.cause);
      const invalid = (await rejection(methods.fail('errors that show'))) as Error;
      expect({ ...invalid }).toEqual({ errors: { name: ['required'] } });
      await expect(methods.fail('uncloneable getter')).rejects.toThrow('with a getter');
      for (const [kind, code] of [
        ['stream field', 'E_STREAM'],
        ['blob and shared memory', 'E_BLOB'],
        ['boxed symbol', 'E_SYMBOL'],
      ] as const) {
        const error = (await rejection(methods.fail(kind))) as RangeError;
        expect(error).toBeInstanceOf(RangeError);
        expect(error).toMatchObject({ code, message: expect.stringMatching(/^with a /) as string });
        expect(error.stack).toContain('services.ts');
      }
      for (const kind of ['stream in a cause', 'getter within', 'revoked proxy in a cause']) {
        const error = (await rejection(methods.fail(kind))) as RangeError;
        expect(error).toBeInstanceOf(RangeError);
        expect(error.message).toBe('outer');
        expect(error.cause).toBeInstanceOf(TypeError);
      }
      await expect(methods.fail('revoked proxy')).rejects.toThrow('cannot be copied: an object');
      await expect(rejection(methods.fail('no way to a string'))).resolves.toBeDefined();
      await expect(rejection(methods.fail('string'))).resolves.toBe('a string');
      await expect(rejection(methods.fail('undefined'))).resolves.toBeUndefined();
    });

    it('leaves a plain object that was thrown, or is the reason of an abort, as it is, its stack too', async () => {
      await expect(rejection(methods.fail('plain object'))).resolves.toStrictEqual(serialized());
      const reason = serialized();
      await expect(rejection(methods.untilAborted(AbortSignal.abort(reason)))).resolves.toBe(reason);
      expect(reason).toStrictEqual(serialized());
    });

    it('refuses what cannot be copied with its path, and goes on serving', async () => {
      const socket = Object.assign(new (class Socket {})(), { write: () => undefined });
      for (const [value, path] of [
        [{ socket }, 'arguments[0].socket'],
        [() => 1, 'arguments[0]'],
        [[Symbol('s')], 'arguments[0][0]'],
        [{ 'a b': [new WeakMap()] }, 'arguments[0]["a b"][0]'],
        [new Map([['a b', [new WeakMap()]]]), 'arguments[0]["a b"][0]'],
        [[new Proxy({ a: 1 }, {})], 'arguments[0][0]'],
        [{ many: 'x'.repeat(1_000), list: new Proxy([1], {}) }, 'arguments[0].list'],
        [[argumentsOf(1)], 'arguments[0][0]'],
        [Object.assign([1], { send() {} }), 'arguments[0].send'],
        [{ boxed: Object(Symbol('s')) }, 'arguments[0].boxed'],
      ] as const) {
        const error = (await rejection(methods.echo(value))) as NotCloneableError;
        expect(error).toBeInstanceOf(NotCloneableError);
        expect([error.code, error.path]).toEqual(['ERR_OFFLOOP_NOT_CLONEABLE', path]);
        expect(error.message).toContain('Methods.echo');
      }
      const result = (await rejection(methods.returnFunction())) as NotCloneableError;
      expect(result).toBeInstanceOf(NotCloneableError);
      expect(result.path).toBe('result.inner');
      expect(result.message).toMatch(/^Methods\.returnFunction: .*, which cannot be copied\. Return plain/);
      expect(result).not.toHaveProperty('cause');
      for (const kind of ['small', 'large'])
        expect(await rejection(methods.returnProxy(kind))).toMatchObject({ path: 'result.inner' });
      await expect(methods.echo(1)).resolves.toBe(1);
    });

    it('carries what it is called with, whatever becomes of that afterwards', async () => {
      const row = { id: -1, tags: [''], at: new Date(0), length: 5_000 };
      const bytes = Buffer.alloc(64 * 1024);
      const few = { bytes: Buffer.from('few'), floats: new Float32Array(2) };
      const rows = Array.from({ length: 100 }, (_, index) => ({ index, id: -1, at: new Date(0) }));
      const map = new Map<string, number>();
      const calls: Promise<unknown>[] = [];
      for (let id = 0; id < 20; id++) {
        row.id = id;
        row.tags[0] = `tag ${id}`;
        row.at.setTime(id);
        few.bytes.fill(id);
        few.floats.fill(id);
        for (const each of rows) each.id = id;
        calls.push(methods.echo({ rows, first: rows[0] }));
        calls.push(
          methods.echo(few),
          methods.echo(row),
          methods.echo(bytes.fill(id)),
          methods.echo(map.set('id', id)),
        );
      }
      row.tags.length = 0;
      bytes.fill(0xff);
      few.bytes.fill(0xff);
      map.clear();
      for (const each of rows) each.id = -2;
      for (const [index, result] of (await Promise.all(calls)).entries()) {
        const id = Math.floor(index / 5);
        const kept = rows.map((each) => ({ ...each, id }));
        const expected = [
          { rows: kept, first: kept[0] },
          { bytes: Buffer.alloc(3, id), floats: new Float32Array(2).fill(id) },
          { id, tags: [`tag ${id}`], at: new Date(id), length: 5_000 },
          undefined,
          new Map([['id', id]]),
        ];
        // Jest compares a Buffer byte by byte.
        if (Buffer.isBuffer(result)) expect(result.equals(Buffer.alloc(64 * 1024, id))).toBe(true);
        else expect(result).toEqual(expected[index % 5]);
      }
    });

    it('carries arrays of bytes among much else as they were when it was called', async () => {
      const memory = new ArrayBuffer(8);
      const low = new Uint8Array(memory, 0, 4);
      const high = new Int16Array(memory, 4, 2);
      const own = Buffer.alloc(300);
      const pooled = Buffer.from('pooled');
      const rows = Array.from({ length: 60 }, (_, index) => ({ index, at: new Date(0) }));
      const inMap = new Map([['bytes', Buffer.alloc(5)]]);
      const arrays = [own, pooled, low, high, memory, own];
      const fill = (id: number): void => {
        for (const view of [low, high, own, pooled, inMap.get('bytes')]) view?.fill(id);
      };
      const calls = Array.from({ length: 20 }, (_, id) => {
        fill(id);
        return [methods.echo({ rows, arrays }), methods.echo({ rows, arrays, inMap })];
      });
      fill(0xff);
      for (const [id, echoes] of calls.entries()) {
        for (const echo of echoes) {
          const result = (await echo) as { arrays: typeof arrays; inMap?: typeof inMap };
          const [first, second, third, fourth, fifth, last] = result.arrays as [Buffer, Buffer, ...Buffer[]];
          expect(first).toBe(last);
          expect([first, second].every((bytes) => Buffer.isBuffer(bytes) && bytes[1] === id)).toBe(true);
          expect([...third]).toEqual([id, id, id, id]);
          expect(fourth).toEqual(new Int16Array([id, id]));
          expect([...new Uint8Array(fifth as never)]).toEqual([id, id, id, id, id, 0, id, 0]);
          if (result.inMap) expect(result.inMap.get('bytes')).toEqual(Buffer.alloc(5, id));
        }
      }
    });

    it('gives each call what is its own, although they were called with the same', async () => {
      const counter = { times: 0, ballast: 'x'.repeat(200) };
      const counted = Array.from({ length: 20 }, () => new Methods().count(counter));
      expect(await Promise.all(counted)).toEqual(counted.map(() => [1, 1]));
    });

    it.each(['objects', 'arrays', 'maps', 'buffers'] as const)(
      'carries what is nested deep, and refuses what is nested too deep, made of %s',
      async (kind) => {
        const depthOf = (value: unknown): number => {
          let depth = 0;
          for (let left = value; typeof left === 'object'; depth++) {
            [left] = left instanceof Map ? left.values() : (Object.values(left as object) as unknown[]);
          }
          return depth;
        };
        expect(depthOf(await methods.nest(kind, 950))).toBe(950);
        expect(depthOf(await methods.echo(nest(kind, 950)))).toBe(950);
        for (const [call, path] of [
          [() => methods.nest(kind, 2_000), 'result'],
          [() => methods.echo(nest(kind, 2_000)), 'arguments[0]'],
        ] as const) {
          const error = (await rejection(call())) as NotCloneableError;
          expect(error).toBeInstanceOf(NotCloneableError);
          expect(error.path).toContain(path);
          expect(error.path).toContain('levels down)');
          expect(error.message).toMatch(/^Methods\.(nest|echo): .*1000 levels are the most/);
          expect(error.message.length).toBeLessThan(500);
        }
        await expect(methods.echo(1)).resolves.toBe(1);
      },
    );

    it('keeps an error whose causes are nested too deep', async () => {
      const error = (await rejection(methods.failDeep(2_000))) as Error;
      expect([error.message, (error.cause as Error).message]).toEqual(['outer', 'outer']);
      await expect(methods.echo(1)).resolves.toBe(1);
    });

    it('says of a result whose getter throws that it cannot be copied, small or large', async () => {
      for (const ballast of [1, 10_000]) {
        const error = (await rejection(methods.returnGetter(ballast))) as NotCloneableError;
        expect(error).toBeInstanceOf(NotCloneableError);
        expect(error).toMatchObject({
          path: 'result',
          message: expect.stringMatching(/^Methods\.returnGetter: .*: not loaded\. /) as string,
          cause: { name: 'TypeError', message: 'not loaded' },
        });
      }
      const error = (await rejection(methods.returnThenGetter())) as TypeError;
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toBe('no then');
    });

    it('runs decorated calls within a call', async () => {
      await expect(methods.nested(1)).resolves.toEqual([1, 2, 2]);
    });

    it('rejects at once with the reason when the signal is aborted', async () => {
      await expect(methods.untilAborted(AbortSignal.abort('before'))).rejects.toBe('before');
    });

    it('takes one signal, and refuses a second with the way to combine them', async () => {
      const { signal } = new AbortController();
      await expect(methods.areSame(signal, signal)).resolves.toBe(true);
      const error = (await rejection(
        methods.areSame(signal, new AbortController().signal),
      )) as NotCloneableError;
      expect(error).toBeInstanceOf(NotCloneableError);
      expect(error.path).toBe('arguments[1]');
      expect(error.message).toContain('AbortSignal.any([first, second])');
      const combined = AbortSignal.any([signal, AbortSignal.abort('second')]);
      await expect(methods.untilAborted(combined)).rejects.toBe('second');
    });

    it('rejects as soon as the signal is aborted, and when the time is over', async () => {
      const controller = new AbortController();
      const aborted = methods.never(controller.signal);
      setImmediate(() => controller.abort('stop'));
      await expect(aborted).rejects.toBe('stop');
      const error = (await rejection(methods.late())) as Error & { code: string };
      expect(error.code).toBe('ERR_OFFLOOP_CALL_TIMEOUT');
      expect(error.message).toBe('Methods.late ran for longer than its timeoutMs of 50 ms.');
    });

    it('brings 10,000 calls with 1,000 in flight back to their callers', async () => {
      let next = 0;
      let wrong = 0;
      await Promise.all(
        Array.from({ length: 1_000 }, async () => {
          while (next < 10_000) {
            const value = next++;
            if ((await methods.echo(value)) !== value) wrong++;
          }
        }),
      );
      expect(wrong).toBe(0);
    });

    it('answers 50,000 calls of which some fail and some bring more, each with its own', async () => {
      let next = 0;
      let wrong = 0;
      const big = 'x'.repeat(40_000);
      await Promise.all(
        Array.from({ length: 200 }, async () => {
          while (next < 50_000) {
            const id = next++;
            if (id % 50 === 7) {
              const error = await methods.failWith(id).catch((reason: Error) => reason.message);
              if (error !== `call ${id}`) wrong++;
            } else {
              const value = id % 331 === 0 ? [id, big] : id;
              const result = await methods.echo(value);
              if ((Array.isArray(result) ? result[0] : result) !== id) wrong++;
            }
          }
        }),
      );
      expect(wrong).toBe(0);
    });

    it('maps lazily and in order, with no more calls in flight than asked', async () => {
      let pulled = 0;
      let yielded = 0;
      function* items(): Generator<number> {
        for (; pulled < 100; pulled++) yield pulled;
      }
      const results: number[] = [];
      for await (const result of executor.map(double, items(), { concurrency: 5 })) {
        results.push(result);
        yielded++;
        expect(pulled - yielded).toBeLessThanOrEqual(5);
      }
      expect(results).toEqual(Array.from({ length: 100 }, (_, index) => index * 2));
    });

    it('maps what depends on earlier results, and does not wait for an item that may never come', async () => {
      const items = [1];
      let more = (): void => undefined;
      let isClosed = false;
      async function* source(): AsyncGenerator<number> {
        try {
          for (;;) {
            while (items.length === 0) await new Promise<void>((resolve) => (more = resolve));
            yield items.shift() as number;
          }
        } finally {
          isClosed = true;
        }
      }
      const results: number[] = [];
      for await (const result of executor.map(double, source())) {
        results.push(result);
        if (result === 16) break;
        items.push(result);
        more();
      }
      expect([results, isClosed]).toEqual([[2, 4, 8, 16], false]);
      // What was asked for comes too late: no call is made of it.
      items.push(1);
      more();
      await new Promise((resolve) => setImmediate(resolve));
      expect(isClosed).toBe(true);
    });

    it('maps to the first error in the order of the items, after the results before it', async () => {
      async function collect<T>(results: AsyncIterable<T>): Promise<unknown[]> {
        const seen: unknown[] = [];
        try {
          for await (const result of results) seen.push(result);
        } catch (error) {
          seen.push((error as Error).message);
        }
        return seen;
      }
      const failing = (value: number): number | Promise<number> => {
        if (value === 4) throw new Error('thrown by the fourth');
        return value === 3 ? Promise.reject(new Error('rejected by the third')) : value;
      };
      await expect(collect(executor.map(failing, [1, 4, 3]))).resolves.toEqual([1, 'thrown by the fourth']);
      await expect(collect(executor.map(failing, [1, 3, 4]))).resolves.toEqual([1, 'rejected by the third']);
      function* broken(): Generator<number> {
        yield 1;
        yield 2;
        throw new Error('thrown by the source');
      }
      await expect(collect(executor.map(double, broken()))).resolves.toEqual([2, 4, 'thrown by the source']);
      const promised = [Promise.resolve(1), Promise.reject(new Error('rejected by the source'))];
      await expect(collect(executor.map(double, promised as never))).resolves.toEqual([
        2,
        'rejected by the source',
      ]);
    });

    it('maps the characters of a text, and says of what has no items that it has none', async () => {
      const results: unknown[] = [];
      for await (const result of executor.map(double as (text: unknown) => unknown, '12'))
        results.push(result);
      expect(results).toEqual([2, 4]);
      await expect(executor.map(double, 5 as never).next()).rejects.toMatchObject({
        code: 'ERR_OFFLOOP_INVALID_OPTION',
        message: expect.stringMatching(/^map: expected items, such as an array, found 5/) as string,
      });
    });
  });
}
