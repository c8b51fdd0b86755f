import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { root, runNode, runScript } from '../support/run-script';

it.each(['thread', 'process'])(
  'a module that is imported again, under another query, is another one, in a %s',
  async (executor) => {
    const folder = mkdtempSync(join(root, 'tmp-modules-'));
    const which = `which = runInExecutor('${executor}', function which() { return 'one'; })`;
    writeFileSync(
      join(folder, 'module.mjs'),
      `import { runInExecutor } from 'offloop';\nexport const ${which};`,
    );
    writeFileSync(
      join(folder, 'module.cjs'),
      `const { runInExecutor } = require('offloop');\nexports.${which};`,
    );
    try {
      const { stdout, stderr, code } = await runScript('test/modules/changing-script.mjs', {
        args: [folder],
      });
      expect([stderr, code]).toEqual(['', 0]);
      // A worker has what it has required, so that the last one is not there.
      const refused = expect.stringMatching(/CALLABLE_NOT_FOUND which: .* the file has changed/) as string;
      expect(JSON.parse(stdout)).toEqual(['one', 'one', 'two', 'one', 'one', 'one', refused]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

it('the debugger of a program is not one of its child processes, which would wait for it', async () => {
  const { stdout, stderr, code } = await runScript('test/modules/guarded.mjs', {
    nodeArgs: ['--inspect=0'],
    args: ['process'],
  });
  expect([stdout, code]).toEqual(['42\n', 0]);
  expect(stderr.match(/Debugger listening/g)).toHaveLength(1);
});

it.each([
  [
    'behind an accessor',
    `let format = (error) => 'formatted ' + error.message;
Object.defineProperty(Error, 'prepareStackTrace', { get: () => format, set: (value) => (format = value) });`,
    'formatted here, refused',
  ],
  ['to what is no text', `Error.prepareStackTrace = (_, frames) => frames;`, 'object, refused'],
])(
  'a program that formats stacks by itself goes on to do so, and gets its errors: %s',
  async (_, sets, printed) => {
    const folder = mkdtempSync(join(root, 'tmp-modules-'));
    const main = `const { isWorker, runInExecutor } = require('offloop');
const refuse = runInExecutor('thread', function refuse() { throw new Error('refused'); });
const print = ({ message }) => {
  const { stack } = new Error('here');
  console.log((typeof stack === 'string' ? stack : typeof stack) + ', ' + message);
};
if (!isWorker) void refuse().catch(print);`;
    writeFileSync(join(folder, 'main.cjs'), `${sets}\n${main}`);
    try {
      const { stdout, stderr, code } = await runScript(join(folder, 'main.cjs'));
      expect([stdout, stderr, code]).toEqual([`${printed}\n`, '', 0]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

it('what another loader of modules evaluates, within a package, is found in its own module', async () => {
  const folder = mkdtempSync(join(root, 'tmp-modules-'));
  const loader = `const { createRequire, wrap, prototype } = require('node:module');
const { dirname } = require('node:path');
const { runInThisContext } = require('node:vm');
prototype._compile = function (text, file) {
  const { exports } = this;
  return runInThisContext(wrap(text), file).call(exports, exports, createRequire(file), this, file, dirname(file));
};`;
  const service = `exports.one = require('offloop').runInExecutor('thread', () => 1);`;
  const main = `require('v8-compile-cache');\nvoid require('./service.cjs').one().then(console.log, console.log);`;
  mkdirSync(join(folder, 'node_modules', 'v8-compile-cache'), { recursive: true });
  writeFileSync(join(folder, 'node_modules', 'v8-compile-cache', 'index.js'), loader);
  writeFileSync(join(folder, 'service.cjs'), service);
  writeFileSync(join(folder, 'main.cjs'), main);
  try {
    const { stdout, stderr, code } = await runScript(join(folder, 'main.cjs'));
    expect([stdout, stderr, code]).toEqual(['1\n', '', 0]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('a bundle of ES modules that holds offloop says that it cannot', async () => {
  const folder = mkdtempSync(join(root, 'tmp-modules-'));
  const banner = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;
  try {
    buildSync({
      stdin: { contents: `import { isWorker } from 'offloop'; console.log(isWorker);`, resolveDir: root },
      bundle: true,
      platform: 'node',
      format: 'esm',
      banner: { js: banner },
      outfile: join(folder, 'main.mjs'),
    });
    const { stdout, stderr, code } = await runScript(join(folder, 'main.mjs'));
    expect([stdout, code]).toEqual(['', 1]);
    expect(stderr).toMatch(
      /WorkerStartError: offloop is in a bundle, .* Keep it external, .*\^\(offloop\|tsyringe\|reflect-metadata\)/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it.each([
  ['cjs', '__filename'],
  ['esm', 'import.meta.url'],
] as const)('a bundle (%s) is the setup module of its workers itself', async (format, itself) => {
  const folder = mkdtempSync(join(root, 'tmp-modules-'));
  const contents = `import 'reflect-metadata';
import { container } from 'tsyringe';
import { configureExecutors, isWorker, runInExecutor } from 'offloop';
export default async (worker) => void worker.register('dsn', { useValue: await 'of the worker' });
const dsn = runInExecutor('thread', function dsn() { return container.resolve('dsn'); });
configureExecutors({ setup: ${itself} });
if (!isWorker) void dsn().then(console.log);`;
  const outfile = join(folder, format === 'esm' ? 'main.mjs' : 'main.cjs');
  try {
    buildSync({
      stdin: { contents, resolveDir: root },
      bundle: true,
      platform: 'node',
      format,
      packages: 'external',
      outfile,
    });
    const { stdout, stderr } = await runScript(outfile);
    expect([stdout, stderr]).toEqual(['of the worker\n', '']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('what only import() evaluates within a bundle is told to be imported statically', async () => {
  const folder = mkdtempSync(join(root, 'tmp-modules-'));
  const lazy = `import { runInExecutor } from 'offloop'; export const one = runInExecutor('thread', function work() {});`;
  const main = `import { isWorker } from 'offloop';
if (!isWorker) import('./lazy.mjs').then(({ one }) => one()).catch(({ message }) => console.log(message));`;
  writeFileSync(join(folder, 'lazy.mjs'), lazy);
  writeFileSync(join(folder, 'main.mjs'), main);
  const outfile = join(folder, 'bundle.cjs');
  try {
    buildSync({
      entryPoints: [join(folder, 'main.mjs')],
      bundle: true,
      platform: 'node',
      packages: 'external',
      outfile,
    });
    const { stdout } = await runScript(outfile);
    expect(stdout).toMatch(
      /^work: .* found no decorated function work there\. .* In a bundle, import it statically:/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe.each([
  ['cjs', (file: string) => `Object.assign(exports, require('./${file}'));`, 'Class extends value undefined'],
  ['mjs', (file: string) => `export * from './${file}';`, "Cannot access 'Base' before initialization"],
])('a circle of modules that workers enter elsewhere than the program, as .%s', (type, reExport, problem) => {
  const isCommonJs = type === 'cjs';
  const importing = (names: string, module: string): string =>
    isCommonJs ? `const { ${names} } = require('${module}');` : `import { ${names} } from '${module}';`;
  const exporting = (name: string): string =>
    isCommonJs ? `exports.${name} = ${name};` : `export { ${name} };`;
  const files = {
    index: `${reExport(`base.${type}`)}\n${reExport(`derived.${type}`)}`,
    base: `${importing('runInExecutor', 'offloop')} ${importing('Derived', `./index.${type}`)}
const hi = runInExecutor('thread', function hi() { return 'hi'; });
class Base { static derive() { return new Derived(); } }
${exporting('Base')} ${exporting('hi')}`,
    derived: `${importing('Base', `./index.${type}`)} class Derived extends Base {} ${exporting('Derived')}`,
    main: `${importing('configureExecutors', 'offloop')} ${importing('hi', `./index.${type}`)}
if (process.argv[2]) configureExecutors({ setup: process.argv[2] });
hi().then(console.log, (error) => console.log(error.code, error.message));`,
  };

  it('is told of, and is entered as the program does if a setup module imports what comes first', async () => {
    const folder = mkdtempSync(join(root, 'tmp-modules-'));
    const [index, main] = ['index', 'main'].map((name) => join(folder, `${name}.${type}`));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, `${name}.${type}`), text);
    try {
      const refused = await runScript(main);
      expect(refused.stdout).toMatch(
        /^ERR_OFFLOOP_WORKER_START hi: .*circle.*configureExecutors\({ setup }\)/,
      );
      expect(refused.stdout).toContain(problem);
      // Node.js may warn of the circle itself.
      const { stdout, code } = await runScript(main, { args: [index] });
      expect([stdout, code]).toEqual(['hi\n', 0]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

it('what one copy of the package was told another one knows', async () => {
  const { stdout, stderr, code } = await runScript('test/modules/two-copies.cjs');
  expect([stderr, code]).toEqual(['', 0]);
  expect(JSON.parse(stdout)).toEqual({
    mapped: [4, 9],
    fulfilled: 2,
    synced: 16,
    moved: [8, 0],
    executors: [1, 1],
    pauses: 3,
  });
});

it.each(['thread', 'process'])('a module that ends a %s that imports it is told of', async (executor) => {
  const { stdout, stderr, code } = await runScript('test/modules/exits.cjs', { args: [executor] });
  expect([stderr, code]).toEqual(['', 0]);
  const lost =
    /^ERR_OFFLOOP_WORKER_LOST here: .*exit code 3 while it was importing \S*exits\.cjs.*if \(!isWorker\)/;
  const told = expect.stringMatching(lost) as string;
  expect(stdout.trim().split('\n')).toEqual([told, told]);
});

describe('workers that import a test file run no test of it', () => {
  // Where Node.js has it, the runner and its tests share a process, whose option its children would have too.
  const inOneProcess = ['--test', '--test-isolation=none'];
  const known = process.allowedNodeEnvironmentFlags.has('--test-isolation') ? [inOneProcess] : [];
  it.each([['--test'], [], ...known])('of the test runner of Node.js: node %s', async (...options) => {
    const { stdout, code } = await runNode([...options, 'test/modules/node-test.mjs']);
    expect([stdout.match(/ran \d in .*/g), code]).toEqual([['ran 2 in the program'], 0]);
    expect(stdout).toMatch(/pass 2\n/);
    expect(stdout).not.toContain('process-entry');
  });

  it('of Mocha', async () => {
    const { stdout, stderr, code } = await runScript('test/modules/mocha-like.cjs');
    expect([stdout, stderr, code]).toEqual(['before\ntrue\n', '', 0]);
  });
});

it('workers find what tsx evaluates from a data: URL: CommonJS that an ES module imports', async () => {
  const { stdout, stderr, code } = await runScript('test/modules/tsx-like.cjs');
  expect([stdout, stderr, code]).toEqual(['8\n', '', 0]);
});

describe('a program that node preloads, and so do its workers', () => {
  const run = (file: string): ReturnType<typeof runNode> =>
    runNode(['-r', `./test/modules/${file}`, 'test/modules/nothing.cjs']);

  it('starts once, if it is guarded', async () => {
    const { stdout, stderr, code } = await run('preloaded.cjs');
    expect([stdout, stderr, code]).toEqual(['start\ntrue\ntrue,true\n', '', 0]);
  });

  it('has its calls refused there, and starts no workers of workers', async () => {
    const { stdout, stderr, code } = await run('preloaded-unguarded.cjs');
    const lines = stdout.trim().split('\n').sort();
    const refused = Array<string>(4).fill('ERR_OFFLOOP_WORKER_IMPORT');
    expect([lines, stderr, code]).toEqual([[...refused, 'process', 'thread'], '', 0]);
  });
});
