/** What a test runner gives to tests, of which this package needs the hooks. */
export interface TestRunner {
  beforeAll(hook: () => void): void;
  beforeEach(hook: () => void): void;
  afterAll(hook: () => void): void;
  readonly expect: { getState(): { currentTestName?: string } };
}

/**
 * The test runner that runs this file: its globals, or where it has none (Vitest by default, Jest with
 * `injectGlobals: false`) what it would have tests import. Undefined where there is no such runner: others have
 * hooks too, and do not tell whether one may be added.
 */
export function testRunner(): TestRunner | undefined {
  const globals = globalThis as Partial<TestRunner> & { readonly __vitest_index__?: TestRunner };
  const tells = typeof (globals.expect as Partial<TestRunner['expect']> | undefined)?.getState === 'function';
  if (tells && globals.beforeAll && globals.beforeEach && globals.afterAll) return globals as TestRunner;
  // Vitest can only be imported asynchronously, and keeps what that gives, for `import.meta.vitest`, in a global.
  return globals.__vitest_index__ ?? jestGlobals();
}

/** True while tests or their hooks run, when no hook may be added; false while they are defined. */
export function isRunning(runner: TestRunner): boolean {
  return runner.expect.getState().currentTestName !== undefined || hasJestStarted();
}

/** Before its first test Jest tells so nowhere but in what it keeps to itself. */
function hasJestStarted(): boolean {
  const key = Object.getOwnPropertySymbols(globalThis).find(
    ({ description }) => description === 'JEST_STATE_SYMBOL',
  );
  const state = key && (globalThis as Record<symbol, { readonly hasStarted?: boolean } | undefined>)[key];
  return state?.hasStarted === true;
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
