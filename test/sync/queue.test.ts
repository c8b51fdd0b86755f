import { once } from 'node:events';
import { Readable } from 'node:stream';
import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { InvalidOptionError, NotCloneableError } from 'offloop';
import {
  Event,
  ItemTooLargeError,
  Lock,
  Queue,
  QueueClosedError,
  Semaphore,
  WaitTimeoutError,
} from 'offloop/sync';
import { Locks, Queues, reached, sharedWords, Tally, Word, type Consumed, type Item } from './services';
import { operations, useThreads } from './support';

/** All of a value as text: to the test runner an invalid Date equals nothing, and a hole undefined. */
const written = (value: unknown): string => inspect(value, { depth: Infinity, maxArrayLength: Infinity });

useThreads();

const values: readonly unknown[] = [
  undefined,
  null,
  true,
  -0,
  0.5,
  NaN,
  2n ** 70n,
  '',
  'ä€😀'.repeat(50),
  '\ud800',
  { a: 1, b: { c: [1, 'two', null, { d: true }] } },
  { u: undefined },
  [undefined, 1],
  [1, , 3],
  JSON.parse('{"__proto__":{"x":1},"y":2}') as object,
  { toJSON: 1 },
  new Map([[1, new Set(['x'])]]),
  new Date(7),
  /x/gi,
  new Uint8Array([1, 2, 3]),
  new Float64Array([0.1]),
  Array.from({ length: 500 }, (_, index) => ({ index })),
];

/** The shortest time of many. */
function shortest(act: () => unknown): number {
  const times = Array.from({ length: 50 }, () => {
    const begin = performance.now();
    act();
    return performance.now() - begin;
  });
  return Math.min(...times);
}

describe('a queue', () => {
  it('gives items in the order in which they came', async () => {
    const queue = new Queue<number>();
    await queue.put(1);
    queue.putSync(2);
    void queue.put(3);
    expect(queue.size).toBe(3);
    expect([await queue.get(), queue.getSync(), await queue.get(), queue.size]).toEqual([1, 2, 3, 0]);
  });

  it('serves those who wait in their order', async () => {
    const queue = new Queue<number>();
    const gets = Promise.all([queue.get(), queue.get(), queue.get()]);
    await new Promise(setImmediate);
    const late = queue.get();
    for (const item of [1, 2, 3, 4]) queue.putSync(item);
    expect([...(await gets), await late]).toEqual([1, 2, 3, 4]);
  });

  it('serves those who wait in their order, also who came while another thread took an item', async () => {
    const queue = new Queue<number>({ capacityBytes: 4096 });
    const words = new Int32Array(queue.toPortable().memory);
    // The word that says which thread takes items right now: this one has the first number.
    const [GUARD_TO_RING, RING_WORDS] = [34, 65 + 4096 / 4];
    const taker = words.length - RING_WORDS + GUARD_TO_RING;
    for (const item of [1, 2, 3]) queue.putSync(item);
    Atomics.store(words, taker, 1);
    const early = [queue.get(), queue.get()];
    for (let turns = 0; turns < 5; turns++) await new Promise(setImmediate);
    Atomics.store(words, taker, 0);
    const late = queue.get();
    expect(await Promise.all([...early, late])).toEqual([1, 2, 3]);
  });

  describe('keeps the place of who has its turn and finds that another thread was quicker', () => {
    const capacityBytes = 4096;
    /** In the words of a queue: how many of each line wait for their turn. */
    const [GETTERS, PUTTERS] = [266, 1302];
    /** In its ring. */
    const [TAIL, PUTS, HEAD, GETS] = [0, 1, 32, 33];
    const wordsOf = (memory: SharedArrayBuffer): { words: Int32Array; ring: Int32Array } => {
      const words = new Int32Array(memory);
      return { words, ring: words.subarray(words.length - 65 - capacityBytes / 4) };
    };
    const waiting = async (words: Int32Array, line: number, count: number): Promise<void> => {
      while (Atomics.load(words, line) < count) await new Promise(setImmediate);
    };
    const ways = ['in place', 'without blocking'];

    it.each(ways)('to get, %s', async (way) => {
      const [queue, others] = [new Queue<number>({ capacityBytes }), new Queue<unknown>()];
      const { words, ring } = wordsOf(queue.toPortable().memory);
      const first = queue.get();
      await waiting(words, GETTERS, 1);
      const echo = Queues.echo(queue, others, true);
      await waiting(words, GETTERS, 2);
      queue.putSync(1);
      // As if it were taken by another.
      Atomics.store(ring, GETS, ring[PUTS]);
      Atomics.store(ring, HEAD, ring[TAIL]);
      if (way === 'in place') expect(() => queue.getSync({ timeoutMs: 0 })).toThrow(WaitTimeoutError);
      await waiting(words, GETTERS, 2);
      queue.putSync(2);
      const ofOther = others.get().then((item) => ({ item }));
      expect(await Promise.race([first, ofOther])).toBe(2);
      queue.close();
      await echo;
      others.close();
      await expect(ofOther).rejects.toThrow(QueueClosedError);
    });

    it.each(ways)('to put, %s', async (way) => {
      const queue = new Queue<Item>({ capacityBytes, maxItems: 1 });
      const { words, ring } = wordsOf(queue.toPortable().memory);
      const item = (producer: number): Item => ({ producer, index: 0 });
      queue.putSync(item(0));
      const first = queue.put(item(1));
      await waiting(words, PUTTERS, 1);
      const other = Queues.produce(queue, 2, 1, true);
      await waiting(words, PUTTERS, 2);
      const [gets, head] = [ring[GETS], ring[HEAD]];
      queue.getSync();
      // As if another were put.
      Atomics.store(ring, GETS, gets);
      Atomics.store(ring, HEAD, head);
      if (way === 'in place') {
        expect(() => queue.putSync(item(3), { timeoutMs: 0 })).toThrow(WaitTimeoutError);
      }
      await waiting(words, PUTTERS, 2);
      const items = [await queue.get(), await queue.get(), await queue.get()];
      await Promise.all([first, other]);
      expect(items).toEqual([0, 1, 2].map(item));
    });
  });

  it('wakes only the first of many for an item', async () => {
    const looksFor = async (waiting: number): Promise<number> => {
      const queue = new Queue<number>();
      const gets = Array.from({ length: waiting }, () => queue.get().catch(() => undefined));
      await new Promise(setImmediate);
      const load = jest.spyOn(Atomics, 'load');
      queue.putSync(1);
      await gets[0];
      const looks = load.mock.calls.length;
      load.mockRestore();
      queue.close();
      await Promise.all(gets);
      return looks;
    };
    expect(await looksFor(1_000)).toBeLessThan(2 * (await looksFor(10)));
  });

  it('lets nobody put in front of who waits for more room', async () => {
    const queue = new Queue<string>({ capacityBytes: 1024 });
    for (let item = 0; item < 5; item++) queue.putSync('x'.repeat(150));
    const words = sharedWords();
    const large = 'y'.repeat(700);
    const putting = Queues.putOne(queue, large, words);
    await reached(words, 1);
    let hasCome = false;
    for (const end = performance.now() + 3_000; !hasCome && performance.now() < end;) {
      for (let time = 0; time < 100 && !hasCome; time++) {
        await queue.put('x'.repeat(150), { timeoutMs: 1 }).catch(() => undefined);
        hasCome = queue.getSync() === large;
      }
      await new Promise(setImmediate);
    }
    queue.close();
    await putting.catch(() => undefined);
    expect(hasCome).toBe(true);
  });

  it.each<[string, unknown]>([
    ['text', ['é'.repeat(100), 'é'.repeat(100)]],
    [
      'objects',
      Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`a_long_name_of_a_key_${index}`, index])),
    ],
  ])('takes small %s whether there is room at once or not', async (_, item) => {
    const queue = new Queue<unknown>({ capacityBytes: 256 });
    queue.putSync(item);
    queue.putSync(1);
    const puts = [1, 2, 3, 4].map(() => queue.put(item));
    const gets = Array.from({ length: 6 }, () => queue.get());
    const [items] = await Promise.all([Promise.all(gets), ...puts]).finally(() => queue.close());
    expect(items).toEqual([item, 1, item, item, item, item]);
  });

  it('never counts fewer than none', () => {
    const queue = new Queue<string>();
    const words = new Int32Array(queue.toPortable().memory);
    queue.putSync('item');
    const before = words.slice();
    queue.getSync();
    const gets = words.findIndex((word, index) => word === before[index] + 1);
    // As when a consumer was faster than the producer, which had not come to count its item.
    words[gets]++;
    expect(queue.size).toBe(0);
  });

  it('holds as many items as it may, and lets no promise overtake another', async () => {
    const queue = new Queue<number>({ maxItems: 2 });
    const puts = [1, 2, 3, 4, 5].map((item) => queue.put(item));
    await new Promise(setImmediate);
    expect(queue.size).toBe(2);
    const items: number[] = [];
    for (let index = 0; index < 5; index++) items.push(await queue.get());
    expect(items).toEqual([1, 2, 3, 4, 5]);
    await Promise.all(puts);
  });

  it.each(values.map((value) => [inspect(value).slice(0, 40), value]))(
    'brings %s as it is, small ones at the second time too',
    (_, value) => {
      const queue = new Queue<unknown>();
      for (let time = 0; time < 2; time++) {
        queue.putSync(value);
        expect(queue.getSync()).toStrictEqual(value);
      }
    },
  );

  it('keeps what is one within an item, and cycles', () => {
    const queue = new Queue<any>();
    const shared = { x: 1 };
    for (let time = 0; time < 3; time++) {
      queue.putSync({ a: shared, b: shared });
      const { a, b } = queue.getSync();
      expect(a).toBe(b);
    }
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    queue.putSync(cycle);
    const back = queue.getSync();
    expect(back.self).toBe(back);
  });

  it('brings any value of any kind', () => {
    const queue = new Queue<unknown>({ capacityBytes: 2 ** 16 });
    fc.assert(
      fc.property(
        fc.array(fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true })),
        (items) => {
          for (const item of items) {
            queue.putSync(item);
            expect(written(queue.getSync())).toEqual(written(structuredClone(item)));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('brings errors as those of this realm, also under a test runner, and their causes', () => {
    const queue = new Queue<Error>();
    for (const type of [Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError]) {
      queue.putSync(new type('outer', { cause: { errors: [new type('inner')] } }));
      const error = queue.getSync();
      const { errors } = error.cause as { errors: Error[] };
      for (const back of [error, ...errors]) expect(back).toBeInstanceOf(type);
      expect([error.message, errors[0].message]).toEqual(['outer', 'inner']);
    }
  });

  it('gives arrays of bytes a buffer of their own', () => {
    const queue = new Queue<{ view: ArrayBufferView }>();
    const views = [new Float32Array([1, 2]), new DataView(new ArrayBuffer(8), 2, 3), Buffer.from('text')];
    for (const view of views) {
      queue.putSync({ view });
      const { view: back } = queue.getSync();
      expect(back).toStrictEqual(view);
      expect([back.byteOffset, back.buffer.byteLength]).toEqual([0, view.byteLength]);
    }
  });

  it('refuses what lives in shared memory, and says where it stands: an item is bytes', async () => {
    const queue = new Queue<unknown>();
    const words = new Int32Array(new SharedArrayBuffer(8));
    const refused = [
      ['item', new Queue()],
      ['item.replyTo', { replyTo: new Queue() }],
      ['item[1].done', [1, { done: new Event() }]],
      ['item.locks.a', { locks: new Map([['a', new Lock()]]) }],
      ['item[0]', new Set([new Semaphore(1)])],
      ['item.cause', new Error('no', { cause: new Lock() })],
      ['item.counters', { counters: words }],
      ['item.memory', { memory: words.buffer }],
    ] as const;
    for (const [path, item] of refused) {
      await expect(queue.put(item)).rejects.toThrow(NotCloneableError);
      await expect(queue.put(item)).rejects.toMatchObject({ path });
    }
    expect(() => queue.putSync({ replyTo: new Queue() })).toThrow(
      'Queue.putSync: item.replyTo is an instance of Queue, which cannot travel in a queue: items are bytes, in which neither shared ' +
        'memory nor private fields survive. Hand it to the method as an argument of its own, beside the queue.',
    );
    expect(queue.size).toBe(0);
  });

  it('keeps what plain data may hide: holes, and properties beside the items of an array', () => {
    const queue = new Queue<unknown>();

    const items = [Object.assign([,], { x: 1 }), [1, , 3], Object.assign([1], { x: 1 })];
    for (const item of [...items, { deep: items }]) {
      queue.putSync(item);
      expect(written(queue.getSync())).toEqual(written(item));
    }
  });

  it('leaves what an instance inherits at home, also where another item has a field of that name', async () => {
    function Shape(this: { sides: number }): void {
      this.sides = 4;
    }
    (Shape.prototype as { kind: string }).kind = 'inherited';
    const Legacy = Shape as unknown as new () => object;
    // Classes that calls have carried are known from then on.
    await Locks.give(new Legacy() as Lock);
    const queue = new Queue<unknown>();
    for (const item of [
      { sides: 3, kind: 'own' },
      { sides: 3, kind: 'own' },
    ]) {
      queue.putSync(item);
      expect(queue.getSync()).toEqual(item);
    }
    queue.putSync(new Legacy());
    expect(queue.getSync()).toStrictEqual({ sides: 4 });
  });

  it('refuses what cannot be copied, and what is too large', async () => {
    const queue = new Queue<unknown>({ capacityBytes: 1024 });
    expect(() => queue.putSync(() => 1)).toThrow(NotCloneableError);
    await expect(queue.put({ fn: () => 1 })).rejects.toThrow('Queue.put: the item is an object');
    await expect(queue.put(new Proxy({ id: 1 }, {}))).rejects.toThrow(NotCloneableError);
    await expect(queue.put([new Proxy([1], {})])).rejects.toThrow(NotCloneableError);
    const moved = new DataView(new ArrayBuffer(8));
    structuredClone(moved, { transfer: [moved.buffer] });
    await expect(queue.put(moved)).rejects.toThrow(NotCloneableError);
    await expect(queue.put({ moved })).rejects.toThrow(NotCloneableError);
    await expect(queue.put('x'.repeat(1022))).rejects.toThrow(ItemTooLargeError);
    expect(() => queue.putSync('x'.repeat(5_000))).toThrow('new Queue({ capacityBytes: 32768 })');
    // As large as the queue allows.
    for (let round = 0; round < 5; round++) {
      queue.putSync('x'.repeat(1018));
      expect(queue.getSync()).toHaveLength(1018);
      queue.putSync(round);
      expect(queue.getSync()).toBe(round);
    }
  });

  it('lets items begin at multiples of 8 bytes: elsewhere the engine copies shared memory byte by byte', () => {
    const queue = new Queue<unknown>({ capacityBytes: 4096 });
    const memory = Buffer.from(queue.toPortable().memory);
    for (let round = 0; round < 50; round++) {
      queue.putSync('x'.repeat(round));
      // What it holds has keys that the queue does not know: it goes as JSON.
      const item = { round, inner: { [`key ${round}`]: 'x'.repeat(round) } };
      queue.putSync(item);
      expect(memory.indexOf(`{"round":${round},`) % 8).toBe(0);
      expect([queue.getSync(), queue.getSync()]).toEqual(['x'.repeat(round), item]);
    }
  });

  it('brings long texts sooner than JSON and UTF-8 would, whose bytes it takes where only they fit', () => {
    const queue = new Queue<{ text: string }>({ capacityBytes: 2 ** 17 });
    const item = { text: 'abcdefghi\u20ac'.repeat(5_000) };
    const through = (): unknown => {
      queue.putSync(item);
      return queue.getSync();
    };
    const asJson = (): unknown => JSON.parse(Buffer.from(JSON.stringify(item)).toString('utf8'));
    expect(through()).toEqual(item);
    expect(shortest(through)).toBeLessThan(shortest(asJson));
    const narrow = { text: `${'x'.repeat(2 ** 17 - 100)}\u20ac` };
    queue.putSync(narrow);
    expect(queue.getSync()).toEqual(narrow);
  });

  it.each([
    { maxItems: 0 },
    { capacityBytes: 10 },
    { capacityBytes: 2 ** 40 },
    { size: 1 },
    { maxItems: 'x' },
    5,
  ])('refuses the options %p', (options) => {
    expect(() => new Queue(options as never)).toThrow(InvalidOptionError);
  });

  it('times out and gives up, and loses nothing by it', async () => {
    const queue = new Queue<number>({ maxItems: 1 });
    await expect(queue.get({ timeoutMs: 5 })).rejects.toThrow(WaitTimeoutError);
    await expect(queue.get({ timeoutMs: 5 })).rejects.toThrow('waited longer than its timeoutMs of 5.');
    await expect(queue.get({ timeoutMs: 0 })).rejects.toThrow(WaitTimeoutError);
    expect(() => queue.getSync({ timeoutMs: 5 })).toThrow(WaitTimeoutError);
    await expect(queue.get({ signal: AbortSignal.abort() })).rejects.toThrow('abort');
    queue.putSync(1);
    await expect(queue.put(2, { timeoutMs: 5 })).rejects.toThrow(WaitTimeoutError);
    expect(() => queue.putSync(3, { timeoutMs: 5 })).toThrow(WaitTimeoutError);
    const controller = new AbortController();
    const aborted = queue.put(4, { signal: controller.signal });
    const next = queue.put(5);
    controller.abort();
    await expect(aborted).rejects.toThrow('abort');
    expect([queue.getSync(), await queue.get()]).toEqual([1, 5]);
    await next;
    expect(queue.size).toBe(0);
  });

  it('passes on a wake-up that came together with an abort', async () => {
    const queue = new Queue<number>();
    for (let round = 0; round < 300; round++) {
      const controller = new AbortController();
      const first = queue.get({ signal: controller.signal });
      first.catch(() => undefined);
      const second = queue.get();
      await new Promise(setImmediate);
      queue.putSync(round);
      controller.abort();
      await expect(first).rejects.toThrow('abort');
      expect(await second).toBe(round);
    }
  });

  it('leaves the line as it is when the signal aborts after the last look, before the wait', async () => {
    const queue = new Queue<number>();
    const earlier = queue.get();
    await new Promise(setImmediate);
    const controller = new AbortController();
    const { signal } = controller;
    // As when another thread keeps the queue busy between the two.
    let looks = 0;
    signal.throwIfAborted = () => {
      AbortSignal.prototype.throwIfAborted.call(signal);
      if (++looks === 2) controller.abort();
    };
    await expect(queue.get({ signal })).rejects.toThrow('abort');
    queue.putSync(1);
    await expect(earlier).resolves.toBe(1);
    queue.putSync(2);
    // Who does not wait gets it only when nobody is in line.
    await expect(queue.get({ timeoutMs: 0 })).resolves.toBe(2);
  });

  it('ends for all when it is closed, after what it holds was taken', async () => {
    const queue = new Queue<number>();
    queue.putSync(1);
    queue.putSync(2);
    queue.close();
    queue.close();
    expect(queue.closed).toBe(true);
    await expect(queue.put(3)).rejects.toThrow(QueueClosedError);
    expect(() => queue.putSync(3)).toThrow(QueueClosedError);
    const items: number[] = [];
    for await (const item of queue) items.push(item);
    expect(items).toEqual([1, 2]);
    await expect(queue.get()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_QUEUE_CLOSED' });
    expect(() => queue.getSync()).toThrow(QueueClosedError);
  });

  it('wakes everybody when it is closed, producers that are blocked in place too', async () => {
    for (let round = 0; round < 20; round++) {
      const full = new Queue<number>({ maxItems: 2 });
      const empty = new Queue<number>();
      const words = sharedWords();
      const blocked = [Queues.putUntilClosed(full, words), Queues.getUntilClosed(empty, words)];
      // Two puts went through, or a third thread waits; and the consumer has come.
      await reached(words, 3);
      const local = [full.put(1), empty.get()].map((each) =>
        Promise.resolve(each).then(
          () => 'done',
          (error: { code: string }) => error.code,
        ),
      );
      full.close();
      empty.close();
      const codes = new Set([...(await Promise.all(blocked)), ...(await Promise.all(local))]);
      expect([...codes]).toEqual(['ERR_OFFLOOP_QUEUE_CLOSED']);
    }
  });

  it('ends `for await` also when another thread closes it at that very moment', async () => {
    const queues = Array.from({ length: 300 }, () => new Queue<number>({ capacityBytes: 256 }));
    const words = sharedWords();
    const closing = Queues.closeEach(queues, words);
    await reached(words, 1);
    const ends = queues.map(async (queue, index) => {
      const items = queue[Symbol.asyncIterator]();
      Atomics.store(words, Word.counter, index + 1);
      return items.next();
    });
    await closing;
    expect(new Set((await Promise.all(ends)).map(({ done }) => done))).toEqual(new Set([true]));
  });

  it('gives nothing to a loop that was left while it waited, as by a stream that is destroyed', async () => {
    const queue = new Queue<number>();
    const stream = Readable.from(queue).resume();
    await once(stream, 'resume');
    const items = queue[Symbol.asyncIterator]();
    const next = items.next();
    stream.destroy();
    await once(stream, 'close');
    const left = items.return?.();
    await queue.put(1);
    const taken = queue.get({ timeoutMs: 1_000 }).finally(() => queue.close());
    await expect(taken).resolves.toBe(1);
    const ended = { done: true, value: undefined };
    await expect(Promise.all([left, next, items.next()])).resolves.toEqual([ended, ended, ended]);
  });

  it('lets the loop turn while it always has an item', async () => {
    const queue = new Queue<Item>();
    const producing = Queues.produce(queue, 0, 300_000, true);
    let ticks = 0;
    const ticker = setInterval(() => ticks++, 1);
    for (let taken = 0; taken < 300_000; taken++) await queue.get();
    clearInterval(ticker);
    await producing;
    expect(ticks).toBeGreaterThan(3);
  });

  it('is refused by an executor of processes', async () => {
    await expect(Locks.inProcess(new Queue())).rejects.toThrow(/arguments\[0\] is an instance of Queue/);
    expect(() => Queue.fromPortable(new Lock().toPortable())).toThrow('Queue.fromPortable: expected');
  });

  it.each([
    ['one item', { maxItems: 1 }],
    ['few bytes', { capacityBytes: 256 }],
    ['plenty', {}],
  ])('loses and doubles nothing between four threads and the loop, with room for %s', async (_, options) => {
    const queue = new Queue<Item>(options);
    const times = Math.ceil(operations(10_000) / 5);
    const consuming = [Queues.consume(queue, true), Queues.consume(queue, false)];
    const local = (async () => {
      const tally = new Tally();
      for await (const item of queue) tally.add(item);
      return tally.result;
    })();
    const mine = (async () => {
      for (let index = 0; index < times; index++) await queue.put({ producer: 9, index });
    })();
    await Promise.all([
      Queues.produce(queue, 0, 2 * times, true),
      Queues.produce(queue, 1, times, false),
      Queues.produceEagerly(queue, 2, times),
      mine,
    ]);
    queue.close();
    const results: Consumed[] = await Promise.all([...consuming, local]);
    const total = (key: 'count' | 'sum'): number => results.reduce((sum, result) => sum + result[key], 0);
    const sumTo = (count: number): number => (count * (count + 1)) / 2;
    expect(total('count')).toBe(5 * times);
    expect(total('sum')).toBe(sumTo(2 * times) + 3 * sumTo(times));
    expect(results.map(({ ordered }) => ordered)).toEqual([true, true, true]);
  });

  it.each([
    ['in place', true],
    ['without blocking', false],
  ])('loses no wake-up at the edge of empty and full, %s', async (_, inPlace) => {
    const [there, back] = [new Queue<number>({ maxItems: 1 }), new Queue<number>({ maxItems: 1 })];
    const rounds = Math.ceil(operations(6_000) / 2);
    const echo = Queues.echo(there, back, inPlace);
    for (let round = 0; round < rounds; round++) {
      if (round % 2 === 0) there.putSync(round);
      else await there.put(round);
      const answer =
        round % 3 === 0 ? back.getSync({ timeoutMs: 20_000 }) : await back.get({ timeoutMs: 20_000 });
      expect(answer).toBe(round);
    }
    there.close();
    await echo;
  });
});
