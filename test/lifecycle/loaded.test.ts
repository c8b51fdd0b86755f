import 'reflect-metadata';
import { registerExecutor, shutdownExecutors, ThreadExecutor } from 'offloop';
import { Lock, Queue } from 'offloop/sync';
import { runScript } from '../support/run-script';
import { Loaded } from './loaded';

afterAll(() => shutdownExecutors());

const loaded = new Loaded();

const namesOf = (files: string[]): string[] =>
  files.map((file) => file.replace(/.*[\\/](dist|node_modules)[\\/]/, '').replace(/\\/g, '/'));

describe.each(['inThread', 'inProcess'] as const)('a worker, %s', (place) => {
  it('loads nothing of what makes calls', async () => {
    const names = namesOf((await loaded[place](1)).files);
    expect(names).toContain('parts/host.js');
    expect(names).not.toContain('parts/executors.js');
    expect(names).not.toContain('parts/values.js');
    expect(names).not.toContain('piscina/dist/index.js');
  });

  it('does not load HTTP for values that have to be looked at', async () => {
    const map = new Map([['key', { nested: new Set([1]) }]]);
    // The second call tells what the first one has loaded.
    await loaded[place](map);
    const { builtIn, value } = await loaded[place](map);
    expect(value).toEqual(map);
    expect(builtIn.filter((name) => /undici|NativeModule http/.test(name))).toEqual([]);
  });
});

it('a thread that is given a lock or a queue loads nothing of what makes calls', async () => {
  registerExecutor('fresh', { useFactory: () => new ThreadExecutor({ maxWorkers: 1 }) });
  const names = namesOf(await loaded.primitives(new Lock(), new Queue({ maxItems: 1 })));
  expect(names).toContain('parts/sync.js');
  expect(names).not.toContain('parts/executors.js');
});

it('offloop/sync alone loads no pools, and all that it needs at once', async () => {
  const { stdout, stderr } = await runScript('test/lifecycle/sync-alone.cjs');
  const { atFirst, atWork, found } = JSON.parse(stdout || stderr) as Record<string, unknown>;
  expect(atFirst).toEqual(['parts/shared.js', 'parts/sync.js', 'parts/values.js']);
  expect([atWork, found]).toEqual([atFirst, true]);
});

it('a worker may make an executor of its own, which loads the rest', async () => {
  await expect(loaded.nested()).resolves.toEqual([2, 4, 6]);
});
