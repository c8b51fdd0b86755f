import 'reflect-metadata';
import { shutdownExecutors } from 'offloop';
import { Loaded } from './loaded';

afterAll(() => shutdownExecutors());

const loaded = new Loaded();

describe.each(['inThread', 'inProcess'] as const)('a worker, %s', (place) => {
  it('loads nothing of what makes calls', async () => {
    const { files } = await loaded[place](1);
    const names = files.map((file) =>
      file.replace(/.*[\\/](dist|node_modules)[\\/]/, '').replace(/\\/g, '/'),
    );
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

it('a worker may make an executor of its own, which loads the rest', async () => {
  await expect(loaded.nested()).resolves.toEqual([2, 4, 6]);
});
