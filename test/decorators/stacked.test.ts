import 'reflect-metadata';
import { Cooperative, RunInExecutor, runInExecutor, type Steps } from 'offloop';

/** What frameworks do: they note what they are told on the method itself, as metadata or as a property. */
function Route(path: string): MethodDecorator {
  return (_, __, descriptor) => {
    Reflect.defineMetadata('path', path, descriptor.value as object);
    Object.assign(descriptor.value as object, { guarded: true });
  };
}

class Controller {
  @RunInExecutor()
  @Route('/before')
  async before(): Promise<void> {}

  @Route('/behind')
  @RunInExecutor()
  async behind(): Promise<void> {}

  stepped(): Promise<void>;
  @Cooperative()
  @Route('/stepped')
  *stepped(): Steps<void> {
    yield;
  }
}

it.each(['before', 'behind', 'stepped'] as const)(
  'what another decorator noted on a method is there for those who look: %s',
  (name) => {
    const method = Object.getOwnPropertyDescriptor(Controller.prototype, name)?.value as () => unknown;
    expect(Reflect.getMetadata('path', method)).toBe(`/${name}`);
    expect([method.name, method.length, { ...method }]).toEqual([name, 0, { guarded: true }]);
  },
);

it('what is noted on a function is there on what runs it in an executor', () => {
  const load = Object.assign(
    function load(path: string): string {
      return path;
    },
    { displayName: 'Load' },
  );
  const offloaded = runInExecutor('thread', load);
  expect([offloaded.name, offloaded.length, { ...offloaded }]).toEqual(['load', 1, { displayName: 'Load' }]);
});

it.each([RunInExecutor, Cooperative])(
  '%p says where it goes when another decorator made an accessor',
  (ours) => {
    const bound: MethodDecorator = (_, __, { value }) =>
      ({ configurable: true, get: () => value as unknown }) as never;
    class Taken {
      async load(): Promise<void> {}
    }
    const decorate = ours() as MethodDecorator;
    const inOrder = (...decorators: MethodDecorator[]): unknown =>
      Reflect.decorate(
        decorators,
        Taken.prototype,
        'load',
        Object.getOwnPropertyDescriptor(Taken.prototype, 'load'),
      );
    expect(() => inOrder(decorate, bound)).toThrow(
      `@${ours.name}: Taken.load is no method, but an accessor: if a decorator made it one, put @${ours.name}() after that.`,
    );
    expect(inOrder(bound, decorate)).toMatchObject({ get: expect.any(Function) as unknown });
  },
);
