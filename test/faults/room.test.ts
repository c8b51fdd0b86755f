import 'reflect-metadata';
import {} from 'offloop';
import { kinds, makeProcesses } from '../support/executors';
import { runScript } from '../support/run-script';
import { Faulty } from './services';
import { endExecutors, use } from './support';

afterEach(endExecutors);

const MB = 1024 * 1024;

/** How many bytes of arrays come to be while calls are made. */
async function bytesTakenBy(makeCalls: () => Promise<unknown>[], made?: Promise<unknown>): Promise<number> {
  const before = process.memoryUsage().arrayBuffers;
  const calls = makeCalls();
  await made;
  const taken = process.memoryUsage().arrayBuffers - before;
  await Promise.all(calls);
  return taken;
}

/** Cheap calls first, so that the pool knows them as such, and sends many at a time. */
async function warm(): Promise<void> {
  await Promise.all(Array.from({ length: 500 }, (_, id) => Faulty.lengthOf([id])));
}

describe.each(kinds)('in %s', (_, make) => {
  it('calls that wait keep no copies of what is large, in one piece or in many', async () => {
    use(make({ maxWorkers: 1 }));
    const pieces = Array.from({ length: 12 }, () => new Uint8Array(64 * 1024));
    const taken = await bytesTakenBy(() => [
      Faulty.block(10),
      ...Array.from({ length: 100 }, () => Faulty.lengthOf(pieces)),
    ]);
    expect(taken).toBeLessThan(20 * MB);
  });
});

it('a process is sent no more large calls than its pipe takes', async () => {
  use(makeProcesses({ maxWorkers: 1 }));
  await warm();
  const array = new Uint8Array(8 * MB);
  const taken = await bytesTakenBy(
    () => [Faulty.block(200), ...Array.from({ length: 50 }, () => Faulty.lengthOf(array))],
    new Promise((resolve) => setImmediate(resolve)),
  );
  expect(taken).toBeLessThan(20 * MB);
});

it('large calls come to several processes in turn, each once and whole', async () => {
  use(makeProcesses({ maxWorkers: 2 }));
  await warm();
  const sizes = Array.from({ length: 200 }, (_, id) => (id % 3 === 0 ? id : id * 1_000));
  const arrays = sizes.map((size, id) => new Uint8Array(size).fill(id));
  const echoed = await Promise.all(arrays.map((array) => Faulty.echo(array)));
  expect(echoed.every((array, id) => Buffer.from(array).equals(arrays[id]))).toBe(true);
});

it.each([
  ['bytes', (): Uint8Array | string => new Uint8Array(4 * MB)],
  ['text', (): Uint8Array | string => 'x'.repeat(4 * MB)],
])('large calls that a process had not read are not lost with it: %s', async (_, makeArgument) => {
  use(makeProcesses({ maxWorkers: 1 }));
  await warm();
  const calls = [1, 2, 3].map(makeArgument);
  const [last, ...lengths] = await Promise.all([
    Faulty.crashWhileAnswering(1),
    ...calls.map((argument) => Faulty.lengthOf(argument)),
  ]);
  expect(last).toHaveLength(1);
  expect(lengths).toEqual([4 * MB, 4 * MB, 4 * MB]);
});

it('calls beside large arrays arrive as they were made while the pipe takes no more', async () => {
  use(makeProcesses({ maxWorkers: 1 }));
  await Promise.all(Array.from({ length: 500 }, (_, id) => Faulty.echo(id)));
  const calls = Array.from({ length: 200 }, (_, id) => {
    // Two of them fill the memory that a frame is made in.
    const text = String.fromCharCode(id).repeat(10_000);
    return id % 2 === 0 ? [text] : [text, new Uint8Array(6_000).fill(id)];
  });
  expect(await Promise.all(calls.map((call) => Faulty.echo(call)))).toEqual(calls);
});

it('large arrays are held no longer than their calls, whatever else travels with them', async () => {
  const { stdout, stderr } = await runScript('test/faults/beside-script.mjs', { nodeArgs: ['--expose-gc'] });
  expect([stderr, stdout && JSON.parse(stdout)]).toEqual(['', { here: false, there: false }]);
});
