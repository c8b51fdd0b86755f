import type Module from 'node:module';

/** Only under a test runner: it makes Node.js load what `import` is made of. */
// eslint-disable-next-line @typescript-eslint/no-require-imports
const nodeModule = (): typeof Module => require('node:module') as typeof Module;

const testModules = ['@jest/globals', 'vitest', 'mocha', 'node:test'];

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
  'vitest',
  'assert',
  'chai',
  'bench',
  'inject',
  'expectTypeOf',
  'assertType',
  'onTestFailed',
  'onTestFinished',
  'beforeAll',
  'beforeEach',
  'afterAll',
  'afterEach',
  'before',
  'after',
  'context',
  'xcontext',
  'specify',
  'xspecify',
  'setup',
  'teardown',
  'suiteSetup',
  'suiteTeardown',
];

/** What is no global of any test runner. */
const onlyExported = ['mock', 'run', 'skip', 'todo', 'only', 'snapshot'];

/** Answers every property, call and construction with itself. */
const standIn: unknown = new Proxy(function standIn() {}, {
  get: (_, key) => (key === Symbol.toPrimitive ? () => 'test global' : key === 'then' ? undefined : standIn),
  apply: () => standIn,
  construct: () => standIn as object,
});

type Load = (request: string, ...rest: unknown[]) => unknown;

// On the global object, where the modules that stand in for a test runner's find it.
const standInKey = Symbol.for('offloop.test-stand-in');
let isUnderTest = false;
let hasStandInModules = false;

/**
 * Lets a worker import a test file, so that classes defined in it are found: what a test runner provides is
 * there, and does nothing.
 */
export function standInForTestGlobals(): void {
  const globals = globalThis as Record<string | symbol, unknown>;
  isUnderTest = true;
  globals[standInKey] = standIn;
  for (const name of names) globals[name] ??= standIn;
  const loader = nodeModule() as unknown as { _load: Load };
  const load = loader._load;
  loader._load = function (request, ...rest) {
    return testModules.includes(request) ? standIn : load.call(this, request, ...rest);
  };
}

/** The same for what `import` loads; only under a test runner, and once. */
export function standInForTestModules(): void {
  if (!isUnderTest || hasStandInModules) return;
  hasStandInModules = true;
  const exported = [...names, ...onlyExported].map((name) => `export const ${name} = standIn;`).join('\n');
  const source = `const standIn = globalThis[Symbol.for('offloop.test-stand-in')];\n${exported}\nexport default standIn;`;
  const url = moduleOf(source);
  const module = nodeModule();
  const { registerHooks } = module as unknown as { registerHooks?: (hooks: object) => void };
  if (registerHooks) {
    registerHooks({
      resolve: (specifier: string, context: object, next: (specifier: string, context: object) => object) =>
        testModules.includes(specifier)
          ? { url, format: 'module', shortCircuit: true }
          : next(specifier, context),
    });
    return;
  }
  const hooks = `const names = ${JSON.stringify(testModules)};
    export const resolve = async (specifier, context, next) =>
      names.includes(specifier)
        ? { url: ${JSON.stringify(url)}, format: 'module', shortCircuit: true }
        : next(specifier, context);`;
  module.register(moduleOf(hooks));
}

function moduleOf(source: string): string {
  return `data:text/javascript,${encodeURIComponent(source)}`;
}
