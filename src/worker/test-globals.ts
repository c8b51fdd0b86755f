import Module from 'node:module';

const names = [
  'describe',
  'fdescribe',
  'xdescribe',
  'it',
  'fit',
  'xit',
  'test',
  'xtest',
  'suite',
  'expect',
  'jest',
  'vi',
  'beforeAll',
  'beforeEach',
  'afterAll',
  'afterEach',
];

/** Answers every property, call and construction with itself. */
const standIn: unknown = new Proxy(function standIn() {}, {
  get: (_, key) => (key === Symbol.toPrimitive ? () => 'test global' : key === 'then' ? undefined : standIn),
  apply: () => standIn,
  construct: () => standIn as object,
});

type Load = (request: string, ...rest: unknown[]) => unknown;

/**
 * Lets a worker import a test file, so that classes defined in it are found: what a test runner provides is
 * there, and does nothing.
 */
export function standInForTestGlobals(): void {
  const globals = globalThis as Record<string, unknown>;
  for (const name of names) globals[name] ??= standIn;
  const loader = Module as unknown as { _load: Load };
  const load = loader._load;
  loader._load = function (request, ...rest) {
    return request === '@jest/globals' ? standIn : load.call(this, request, ...rest);
  };
}
