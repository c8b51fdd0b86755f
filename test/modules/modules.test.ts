import 'reflect-metadata';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ProcessExecutor,
  registerExecutor,
  RunInExecutor,
  runInExecutor,
  shutdownExecutors,
  ThreadExecutor,
} from 'offloop';
import { runNode, runScript } from '../support/run-script';
import { Broken } from './broken';
import { anonymous, Called, Composed, Conditional, looped, makeLate, many, twins } from './fixtures';
import { generateModules } from './generate';
import { healthy } from './healthy';
import type * as unimportable from './unimportable';

class DefinedInATest {
  constructor(private readonly name: string) {}

  @RunInExecutor()
  async who(): Promise<string> {
    return this.name;
  }
}

class Orders {
  @RunInExecutor('process')
  async count(): Promise<string> {
    return 'those of the file';
  }
}
const double = runInExecutor('thread', function double() {
  return 'that of the file';
});

const times = (factor: number): ((x: number) => Promise<number>) =>
  runInExecutor('thread', (x) => x * factor);

const ofDescribe = {} as { Service: new () => { who(): Promise<string> }; twice: ReturnType<typeof times> };

describe('a group with a class and a function of its own', () => {
  class Service {
    @RunInExecutor()
    async who(): Promise<string> {
      return 'of the group';
    }
  }
  Object.assign(ofDescribe, { Service, twice: times(2) });
});

class Service {
  @RunInExecutor()
  async who(): Promise<string> {
    return 'of the file';
  }
}

times(3);

afterAll(() => shutdownExecutors());

describe('a worker finds', () => {
  it('the methods of twenty classes of the same name in twenty modules, CommonJS and ESM, exported or not', async () => {
    const folder = generateModules();
    try {
      const { stdout, stderr, code } = await runScript(join(folder, 'main.mjs'));
      expect([stderr, code]).toEqual(['', 0]);
      const expected = Array.from({ length: 20 }, (_, index) => [
        `service ${index}`,
        `other ${index}`,
      ]).flat();
      expect(JSON.parse(stdout)).toEqual(expected);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('a class that a test file defines', async () => {
    await expect(new DefinedInATest('here').who()).resolves.toBe('here');
  });

  it('each of two classes of one name in one module', async () => {
    await expect(Promise.all(twins.map((twin) => twin.who()))).resolves.toEqual(['first', 'second']);
  });

  it('what a decorator made of others decorates, and functions without a name', async () => {
    await expect(new Composed().who()).resolves.toBe('composed');
    await expect(Promise.all(anonymous.map((fn) => fn()))).resolves.toEqual([1, 2]);
  });

  it('a class with a static member in place of its name', async () => {
    await expect(new Called().who()).resolves.toBe('called');
  });

  it('each of hundreds of functions', async () => {
    for (const add of [0, 1_000]) {
      const results = await Promise.all(many.map((one) => one(add)));
      expect(results).toEqual(many.map((_, index) => index + add));
    }
  });
});

it('functions without a name are found where the compiler of the tests has changed some of them', async () => {
  type Compiled = Record<'double' | 'half' | 'square', (x: number) => Promise<number>>;
  const { double, half, square } = jest.requireActual<Compiled>('./as-compiled.cjs');
  await expect(Promise.all([double(4), half(4), square(4)])).resolves.toEqual([8, 2, 16]);
});

it('classes and functions are found that the compiler of the tests has given another name', async () => {
  type Compiled = { Orders: new () => { count(): Promise<unknown> }; load(): Promise<void> };
  const { Orders, load } = jest.requireActual<Compiled>('./as-compiled.cjs');
  await expect(new Orders().count()).resolves.toEqual(['Orders', 3]);
  await expect(load()).resolves.toBeUndefined();
});

describe('a worker refuses', () => {
  it('what a test alone defines under almost the name of something else', async () => {
    class _Orders {
      @RunInExecutor('process')
      async count(): Promise<string> {
        return 'those of the test';
      }
    }
    const other = runInExecutor('thread', function double2() {
      return 'that of the test';
    });
    await expect(new Orders().count()).resolves.toBe('those of the file');
    await expect(double()).resolves.toBe('that of the file');
    const refused = { code: 'ERR_OFFLOOP_CALLABLE_NOT_FOUND' };
    await expect(new _Orders().count()).rejects.toMatchObject(refused);
    await expect(other()).rejects.toMatchObject(refused);
  });

  it('classes of one name that come from one place', async () => {
    await expect(looped[0].who()).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_CALLABLE_NOT_FOUND',
      message: expect.stringMatching(/Looped\.who.*cannot be told apart.*name of its own/),
    });
  });

  it('a class that a function defines later', async () => {
    await expect(makeLate().who()).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_CALLABLE_NOT_FOUND',
      message: expect.stringMatching(/Late\.who.*top level of a module/),
    });
  });

  it.each(['thread', 'process'])(
    'what one side alone defines, and finds the rest, in a %s',
    async (executor) => {
      const { stdout, stderr, code } = await runScript('test/modules/one-sided.cjs', { args: [executor] });
      expect([stderr, code]).toEqual(['', 0]);
      const refused = 'ERR_OFFLOOP_CALLABLE_NOT_FOUND';
      expect(JSON.parse(stdout)).toEqual({
        outcomes: ['first', 'second', refused, refused, refused, refused, 'same', 'A', 'B', refused],
        echoed: true,
        unverified: 5,
      });
    },
  );

  it('of two that only their surroundings tell apart, that which a describe() makes', async () => {
    await expect(new ofDescribe.Service().who()).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_CALLABLE_NOT_FOUND',
      message: expect.stringMatching(/Service\.who.*describe\(\).*name of its own/),
    });
    await expect(ofDescribe.twice(5)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CALLABLE_NOT_FOUND' });
    await expect(new Service().who()).resolves.toBe('of the file');
  });

  it('a class that a function of an ES module defines later, and names that module as ES modules do', async () => {
    const { stdout } = await runScript('test/modules/late-class-script.mjs');
    expect(stdout).toMatch(/Later\.who.*top level of a module.*\{ module: import\.meta\.url \}\)/);
  });

  it('a class that a test defines, and does not import what runs the test', async () => {
    class OfATest {
      @RunInExecutor()
      async who(): Promise<string> {
        return 'of a test';
      }
    }
    await expect(new OfATest().who()).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_CALLABLE_NOT_FOUND',
      message: expect.stringMatching(
        /OfATest\.who: .* imported \S+modules\.test\.ts .*top level of a module/,
      ),
    });
  });

  it('a method that is decorated on one side only', async () => {
    await expect(new Conditional().who()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CALLABLE_NOT_FOUND' });
  });
});

describe.each([
  ['threads', () => new ThreadExecutor({ maxWorkers: 2 })],
  ['processes', () => new ProcessExecutor({ maxWorkers: 2 })],
])('a module that throws while the worker imports it, in %s', (_, make) => {
  const folder = mkdtempSync(join(tmpdir(), 'offloop-'));
  const [log, switchFile] = [join(folder, 'log'), join(folder, 'break')];

  afterAll(() => rmSync(folder, { recursive: true }));

  it('rejects with its error as the cause, without a storm of workers, and recovers', async () => {
    writeFileSync(log, '');
    writeFileSync(switchFile, '');
    Object.assign(process.env, { IMPORT_LOG: log, BREAK_IMPORT: switchFile });
    registerExecutor('broken', { useFactory: make });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, (_unused, index) => (index % 2 ? Broken.where() : Broken.who())),
    );
    for (const [index, outcome] of outcomes.entries()) {
      const { reason } = outcome as PromiseRejectedResult;
      const named = expect.stringContaining(index % 2 ? 'Broken.where' : 'Broken.who: ') as string;
      expect(reason).toMatchObject({ code: 'ERR_OFFLOOP_WORKER_START', message: named, stack: named });
      expect((reason as Error).cause).toBeInstanceOf(RangeError);
      expect(((reason as Error).cause as Error).message).toBe('broken on purpose');
    }
    // Each is its caller's own, with the name and the stack of that one alone.
    const errors = outcomes.map((outcome) => (outcome as PromiseRejectedResult).reason as Error);
    expect(new Set(errors).size).toBe(50);
    for (const { stack } of errors) {
      expect(stack?.match(/modules\.test\.ts/g)?.length).toBeLessThan(5);
      expect(stack).not.toMatch(/Broken\.who: [^]*Broken\.where: |Broken\.where: [^]*Broken\.who: /);
    }
    expect(readFileSync(log, 'utf8').length).toBeLessThanOrEqual(2);
    await expect(healthy()).resolves.toBe('healthy');
    rmSync(switchFile);
    await expect(Broken.who()).resolves.toBe('mended');
  });

  it('fails the calls that bring a class of it along, and no others of their method', async () => {
    // Not above: workers import this file as well.
    const { Unimportable } = jest.requireActual<typeof unimportable>('./unimportable');
    registerExecutor('broken', { useFactory: () => make() });
    await expect(healthy()).resolves.toBe('healthy');
    const calls = Array.from({ length: 20 }, (_unused, index) =>
      healthy(index % 5 === 0 ? new Unimportable() : undefined),
    );
    for (const [index, outcome] of (await Promise.allSettled(calls)).entries()) {
      if (index % 5 > 0) expect(outcome).toEqual({ status: 'fulfilled', value: 'healthy' });
      else
        expect(outcome).toMatchObject({
          reason: {
            code: 'ERR_OFFLOOP_WORKER_START',
            message: expect.stringContaining('Unimportable') as string,
          },
        });
    }
  });
});

describe('an entry file that defines what it calls', () => {
  it.each([
    ['thread', 'unguarded.cjs'],
    ['process', 'unguarded.cjs'],
    ['thread', 'unguarded-later.mjs'],
    ['process', 'unguarded-later.mjs'],
  ])('is told of the missing guard, in a %s: %s', async (executor, file) => {
    const { stdout, code } = await runScript(`test/modules/${file}`, { args: [executor] });
    expect(code).toBe(0);
    expect(stdout).toContain('ERR_OFFLOOP_WORKER_IMPORT');
    expect(stdout).toContain('if (!isWorker)');
  });

  it.each(['a map in threads', 'a map in processes', 'verifyExecutors'])(
    'starts no workers of workers by %s, and is told so',
    async (start) => {
      const { stdout, code } = await runScript('test/modules/unguarded-starts.mjs', { args: [start] });
      expect(code).toBe(0);
      expect(stdout).toMatch(/^ERR_OFFLOOP_WORKER_IMPORT (answer|verifyExecutors) was .*if \(!isWorker\)/);
    },
  );

  it.each(['a map in threads', 'a map in processes', 'asyncToSync'])(
    'starts no end of workers by %s when its import is over, and is told so',
    async (start) => {
      const { stdout, code } = await runScript('test/modules/unguarded-main.cjs', { args: [start] });
      expect(code).toBe(0);
      expect(stdout).toMatch(/^ERR_OFFLOOP_WORKER_START .*8 of them within one another.*if \(!isWorker\)/);
    },
  );

  it.each(['thread', 'process'])('works with the guard, in a %s', async (executor) => {
    const { stdout, stderr, code } = await runScript('test/modules/guarded.mjs', { args: [executor] });
    expect([stdout.trim(), stderr, code]).toEqual(['42', '', 0]);
  });
});

it.each(['thread', 'process'])(
  'the import of a module in a %s does not mind what calls before it left running',
  async (executor) => {
    const { stdout, stderr, code } = await runScript('test/modules/background-script.mjs', {
      args: [executor],
    });
    expect([stdout.trim(), stderr, code]).toEqual(['inner', '', 0]);
  },
);

it.each(['thread', 'process'])(
  'the import of a class that a call brings to a %s is no part of its time, and may not last for ever',
  async (executor) => {
    const { stdout, stderr, code } = await runScript('test/modules/brought-script.mjs', { args: [executor] });
    expect([stderr, code]).toEqual(['', 0]);
    const late =
      /^ERR_OFFLOOP_WORKER_START take: .*was importing .*class that the call brings .*startTimeoutMs/;
    const refused = expect.stringMatching(late) as string;
    expect(JSON.parse(stdout)).toEqual(['Object', 'Late', refused, 'Object']);
  },
);

describe('a program given on the command line', () => {
  const code = (executor: string): string =>
    `process.argv[2] = '${executor}'; void import('./test/modules/guarded.mjs');`;

  it.each([
    ['thread', ['-e']],
    ['process', ['-e']],
    ['process', ['-p']],
    ['process', ['--input-type', 'module', '--eval']],
    ['process', ['--input-type=commonjs', '-e']],
  ])('has workers that do not run it again: %s, node %j', async (executor, options) => {
    const { stdout, stderr, code: exitCode } = await runNode([...options, code(executor)]);
    // With -p, node prints what the program is too.
    const lines = stdout.split('\n').filter((line) => line === '42');
    expect([lines, stderr, exitCode]).toEqual([['42'], '', 0]);
  });

  it.each([['commonjs'], ['module']])('is told to define what it calls in a module: %s', async (type) => {
    const load =
      type === 'module' ? `import * as offloop from 'offloop';` : `const offloop = require('offloop');`;
    const { stdout } = await runNode([
      `--input-type=${type}`,
      '-e',
      `${load} if (!offloop.isWorker) offloop.runInExecutor('thread', () => 1)().catch(({ message }) => console.log(message));`,
    ]);
    expect(stdout).toMatch(/no module: defined in a script without a file.*a module of its own/);
  });
});
