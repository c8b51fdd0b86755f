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
