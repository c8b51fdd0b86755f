import { createHash } from 'node:crypto';
import { freemem } from 'node:os';
import { shutdownExecutors } from 'offloop';
import { echoInProcess, echoInThread, keptInProcess, keptInThread, makeInProcess } from './services';

afterAll(() => shutdownExecutors());

const BYTES = 400_000;
const memory = (): ArrayBuffer => {
  const bytes = new Uint8Array(BYTES);
  for (let index = 0; index < BYTES; index++) bytes[index] = index % 251;
  return bytes.buffer;
};

const views = [
  Uint8Array,
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const;

/** What Node.js has from version 24 on. */
const { Float16Array } = globalThis as { Float16Array?: Uint16ArrayConstructor };

/** It names itself, so that it does not look like an array of bytes. */
class Named extends Uint8Array {
  override get [Symbol.toStringTag](): 'Uint8Array' {
    return 'Named' as 'Uint8Array';
  }
}

/** What an array is, and a digest of what it holds: Jest goes through arrays item by item. */
const toldOf = (value: unknown): unknown[] => {
  const [bytes, offset, length] = ArrayBuffer.isView(value)
    ? [value.buffer, value.byteOffset, value.byteLength]
    : [value as ArrayBuffer, 0, (value as ArrayBuffer).byteLength];
  const digest = createHash('sha1')
    .update(Buffer.from(bytes, offset, length))
    .digest('hex');
  return [Object.prototype.toString.call(value), Buffer.isBuffer(value), length, digest];
};

type Echo = (values: unknown[]) => Promise<unknown[]>;

describe.each([
  ['threads', echoInThread as Echo, keptInThread],
  ['processes', echoInProcess as Echo, keptInProcess],
])('large arrays, %s', (kind, echo, kept) => {
  it('of any class come back as they were, and stay with the caller', async () => {
    const buffer = memory();
    const values: unknown[] = [
      buffer,
      Buffer.from(memory()),
      Buffer.from(memory(), 1_000, 300_000),
      new DataView(memory(), 8, 200_000),
      ...views.map((View) => new View(memory(), 16, 20_000)),
    ];
    const told = values.map(toldOf);
    const alone: unknown[] = [];
    for (const value of values) alone.push(...(await echo([value])));
    expect(alone.map(toldOf)).toEqual(told);
    expect((await echo(values)).map(toldOf)).toEqual(told);
    const pairs = await Promise.all(values.map((value) => echo([value, { value }])));
    expect(pairs.map(([value]) => toldOf(value))).toEqual(told);
    expect(pairs.map(([, inner]) => toldOf((inner as { value: unknown }).value))).toEqual(told);
    expect(buffer.byteLength).toBe(BYTES);
    expect((values[1] as Buffer)[250]).toBe(250);
  });

  if (Float16Array)
    it('of half precision come back as they were, each in memory of its own', async () => {
      for (const length of [4, 20_000, 200_000]) {
        const array = new Float16Array(length).fill(1.5);
        const [back] = (await echo([array])) as [Uint16Array];
        expect(toldOf(back)).toEqual(toldOf(array));
        expect(back.buffer.byteLength).toBe(array.byteLength);
      }
    });

  if (kind === 'processes')
    it('that name themselves are refused, and the message tells why', async () => {
      await expect(echo([new Named(memory())])).rejects.toMatchObject({
        code: 'ERR_OFFLOOP_NOT_CLONEABLE',
        message: expect.stringMatching(/: it has arguments, which .*Unserializable/) as string,
      });
    });

  it('are one where they were one', async () => {
    const array = new Uint16Array(memory());
    const [first, second, { nested }, map] = (await echo([
      array,
      array,
      { nested: [array] },
      new Map([['key', array]]),
    ])) as [Uint16Array, Uint16Array, { nested: Uint16Array[] }, Map<string, Uint16Array>];
    expect(toldOf(first)).toEqual(toldOf(array));
    expect([second, nested[0], map.get('key')].every((one) => one === first)).toBe(true);
  });

  if (kind === 'threads')
    it('that name themselves come back as those of the language', async () => {
      expect((await echo([new Named(memory())])).map(toldOf)).toEqual([toldOf(new Uint8Array(memory()))]);
    });

  if (kind === 'threads')
    it('that share memory share it still', async () => {
      const buffer = memory();
      const [whole, part, itself] = (await echo([
        new Uint8Array(buffer),
        new Uint32Array(buffer, 1_000, 5),
        buffer,
      ])) as [Uint8Array, Uint32Array, ArrayBuffer];
      expect(part.buffer === whole.buffer && itself === whole.buffer).toBe(true);
      expect([part.byteOffset, part.length, whole.length]).toEqual([1_000, 5, BYTES]);
    });

  it('of any size come back among other data, many at once, as they were when the calls were made', async () => {
    const sizes = [1, 100, 4_088, 4_096, 4_104, 16_376, 16_384, 16_392, 40_000];
    const bytesOf = (size: number): Uint8Array => new Uint8Array(memory(), 0, size);
    const values = sizes.flatMap((size) => {
      const rows = [
        { id: size, name: 'name' },
        { id: -size, name: 'ä€' },
      ];
      const words = new Float64Array(Uint8Array.from(bytesOf(8 * Math.ceil(size / 8))).buffer);
      const [copy, pooled] = [Uint8Array.from(bytesOf(size)), Buffer.from(bytesOf(size))];
      const instance = Object.assign(Object.create(null) as object, { copy, at: new Date(size) });
      return [copy, pooled, { rows, words, pooled }, [words, copy, rows], { rows, instance }];
    });
    const told = (value: unknown): unknown => {
      if (ArrayBuffer.isView(value)) return toldOf(value);
      if (typeof value !== 'object' || value === null || value instanceof Date) return value;
      return Object.entries(value).map(([key, part]) => [key, told(part)]);
    };
    const before = values.map(told);
    const wipe = (value: unknown): void => {
      if (ArrayBuffer.isView(value)) new Uint8Array(value.buffer, value.byteOffset, value.byteLength).fill(0);
      else if (typeof value === 'object' && value !== null) Object.values(value).forEach(wipe);
    };
    const calls = values.map((value) => echo([value]));
    values.forEach(wipe);
    const results = (await Promise.all(calls)).map(([value]) => value);
    expect(results.map(told)).toEqual(before);
  });

  it('that a worker keeps stay with it', async () => {
    for (let time = 0; time < 3; time++) {
      const result = await kept();
      expect(result.sum).toBe(50_000);
      expect(toldOf(result.kept)).toEqual(toldOf(new Float64Array(100_000).fill(0.5)));
      expect(result.again).toBe(result.kept);
    }
  });
});

const GIB = 2 ** 30;
// It is in the worker, in the copy that is written, and here.
(freemem() > 12 * GIB ? it : it.skip)(
  'a result of more than 2 GiB arrives from a process',
  async () => {
    expect((await makeInProcess(2 * GIB + 8)).length).toBe(2 * GIB + 8);
  },
  300_000,
);
