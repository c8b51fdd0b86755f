/** What a test runner gives to tests, of which this package needs the hooks. */
export interface TestRunner {
  beforeEach(hook: () => void): void;
  afterEach(hook: () => void): void;
  readonly expect?: { getState?(): { currentTestName?: string } };
}

/**
 * The test runner that runs this file: its globals, or where it has none (Vitest by default, Jest with
 * `injectGlobals: false`) what it would have tests import. Undefined where there is no such runner.
 */
export function testRunner(): TestRunner | undefined {
  const globals = globalThis as Partial<TestRunner> & { readonly __vitest_index__?: TestRunner };
  if (globals.beforeEach && globals.afterEach) return globals as TestRunner;
  // Vitest can only be imported asynchronously, and keeps what that gives, for `import.meta.vitest`, in a global.
  return globals.__vitest_index__ ?? jestGlobals();
}

/** Jest gives them to any module that it runs, and to no other. */
function jestGlobals(): TestRunner | undefined {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    return require('@jest/globals') as TestRunner;
  } catch {
    return undefined;
  }
}
