import { once } from 'node:events';
import workerThreads, { MessageChannel } from 'node:worker_threads';
import { isAlive, until } from '../faults/support';
import type * as modules from './evaluated-again';
import type * as offloop from 'offloop';

/** The module as the next one to import it gets it. */
const load = (): typeof modules => jest.requireActual('./evaluated-again');

afterEach(async () => {
  await jest.requireActual<typeof offloop>('offloop').shutdownExecutors();
});

beforeEach(() => {
  jest.resetModules();
});

describe.each([1, 2, 3])('after the test runner has reset its modules, time %i', () => {
  it('portable errors and instances are of the class that the test has', async () => {
    const { OutOfStock, Quantity, Store } = load();
    await expect(new Store().order('tea')).rejects.toBeInstanceOf(OutOfStock);
    const quantity = await new Store().count(new Quantity(2));
    expect(quantity).toBeInstanceOf(Quantity);
    expect(quantity.twice()).toBe(6);
  });
});

it('an error is itself still when another has evaluated its module once more', async () => {
  const { Store } = load();
  jest.isolateModules(() => {
    load();
  });
  await expect(new Store().order('tea')).rejects.toMatchObject({
    name: 'OutOfStock',
    message: 'tea is out of stock',
    article: 'tea',
  });
});

it('the workers of those who had the modules before end, and start again for who still has them', async () => {
  const before = new (load().Store)();
  const worker = await before.worker();
  jest.resetModules();
  await new (load().Store)().worker();
  await until(() => !isAlive(worker), 'the worker ends');
  await expect(before.worker()).resolves.not.toBe(worker);
});

it('so do those of asyncToSync', async () => {
  const { Store } = load();
  const { port1, port2 } = new MessageChannel();
  const ended = once(port2, 'close');
  Store.tieToWorker(port1);
  jest.resetModules();
  const next = new MessageChannel();
  load().Store.tieToWorker(next.port1);
  await ended;
  Store.tieToWorker(new MessageChannel().port1);
  next.port2.close();
});

it('values are cloned by one channel, which keeps what the test has that made it', async () => {
  const { MessageChannel: Channel } = workerThreads;
  const made = jest.spyOn(workerThreads, 'MessageChannel').mockImplementation(() => new Channel());
  for (let time = 0; time < 3; time++) {
    jest.resetModules();
    const { InlineExecutor, runInExecutor } = jest.requireActual<typeof offloop>('offloop');
    const executor = new InlineExecutor();
    const size = runInExecutor('thread', (map: Map<string, string>) => map.size);
    for await (const result of executor.map(size, [new Map([['a', 'b']])])) expect(result).toBe(1);
  }
  expect(made.mock.calls.length).toBeLessThan(2);
  made.mockRestore();
});
