import 'reflect-metadata';
import { transformSync as transformByBabel } from '@babel/core';
import { transformSync as transformBySwc } from '@swc/core';
import { buildSync, transformSync as transformByEsbuild } from 'esbuild';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { Cooperative, RunInExecutor } from 'offloop';
import { root, runScript } from '../support/run-script';

const fixtures = join(__dirname, 'fixtures');
const source = readFileSync(join(fixtures, 'services.ts'), 'utf8');

const byTypeScript = (module: ts.ModuleKind): string =>
  ts.transpileModule(source, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module, esModuleInterop: true },
  }).outputText;

/** So that the module has a copy of the package of its own, as a dependency of the application may have. */
const forgetOffloop = `const folder = require('node:path').dirname(require.resolve('offloop'));
for (const file of Object.keys(require.cache)) if (file.startsWith(folder)) delete require.cache[file];
`;

const compilers: Record<string, () => string> = {
  TypeScript: () => byTypeScript(ts.ModuleKind.CommonJS),
  'TypeScript, ESM': () => byTypeScript(ts.ModuleKind.ES2022),
  'TypeScript, with another copy of the package': () => forgetOffloop + byTypeScript(ts.ModuleKind.CommonJS),
  swc: () =>
    transformBySwc(source, {
      jsc: {
        target: 'es2022',
        parser: { syntax: 'typescript', decorators: true },
        transform: { decoratorVersion: '2022-03' },
      },
      module: { type: 'commonjs' },
    }).code,
  esbuild: () => transformByEsbuild(source, { loader: 'ts', target: 'es2022', format: 'cjs' }).code,
  'Babel 2023-11': () =>
    ts.transpileModule(
      transformByBabel(source, {
        configFile: false,
        babelrc: false,
        filename: 'services.ts',
        plugins: [
          ['@babel/plugin-transform-typescript', {}],
          ['@babel/plugin-proposal-decorators', { version: '2023-11' }],
        ],
      })?.code as string,
      { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS } },
    ).outputText,
};

it.each(Object.keys(compilers))('standard decorators work as %s compiles them', async (compiler) => {
  const folder = mkdtempSync(join(root, 'tmp-modules-'));
  try {
    const module = join(folder, compiler.endsWith('ESM') ? 'services.mjs' : 'services.cjs');
    writeFileSync(module, compilers[compiler]());
    copyFileSync(join(fixtures, 'main.cjs'), join(folder, 'main.cjs'));
    const { stdout, stderr, code } = await runScript(join(folder, 'main.cjs'), { args: [module] });
    expect([stderr, code]).toEqual(['', 0]);
    const results = JSON.parse(stdout) as Record<string, unknown[]> & { here: string; pid: string };
    const elsewhere = expect.not.stringMatching(`^${results.here}$`) as string;
    expect(results).toMatchObject({
      inThread: ['a name', 'extra', elsewhere],
      inProcess: ['a name', elsewhere],
      ofTheClass: ['Exported', elsewhere],
      asTheOuterSays: expect.not.stringMatching(`^${results.pid}`) as string,
      countTo: 25,
      injected: ['laid over object', elsewhere],
      carried: [true, 42],
      wrapped: Array(2).fill(['wrapped', 2, elsewhere]),
      whoIsStatic: 'WithStatic',
      before: ['composed', elsewhere],
      behind: ['composed', elsewhere],
      between: expect.stringMatching(
        /where other decorators wrap the method, put @RunInExecutor\(\)/,
      ) as string,
      inherited: ['derived', elsewhere],
      taken: {
        code: 'ERR_OFFLOOP_CALLABLE_NOT_FOUND',
        message: expect.stringMatching(/taken was called without its object/) as string,
      },
      hidden: {
        code: 'ERR_OFFLOOP_CALLABLE_NOT_FOUND',
        message: expect.stringMatching(
          /Put @Portable\(\) on the class, or export it from there; where other decorators wrap the method/,
        ) as string,
      },
      verified: Array(2).fill('ERR_OFFLOOP_CALLABLE_NOT_FOUND'),
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('in a bundle, which exports what its entry does, workers find a class by @Portable() and tell of it else', async () => {
  const folder = mkdtempSync(join(root, 'tmp-modules-'));
  try {
    const file = (name: string): string => join(folder, name);
    const classNamed = (name: string): string =>
      `export class ${name} { @RunInExecutor() async load() { return '${name}'; } }\n`;
    writeFileSync(
      file('services.ts'),
      `import { Portable, RunInExecutor } from 'offloop';\n@Portable() ${classNamed('Marked')}${classNamed('Unmarked')}`,
    );
    writeFileSync(
      file('main.ts'),
      `import { isWorker } from 'offloop';
      import { Marked, Unmarked } from './services';
      const print = async (name: string) => console.log(name);
      if (!isWorker) void new Marked().load().then(print).then(() => new Unmarked().load()).catch((e) => print(e.message));`,
    );
    const outfile = file('bundle.cjs');
    buildSync({
      entryPoints: [file('main.ts')],
      outfile,
      bundle: true,
      platform: 'node',
      target: 'es2022',
      packages: 'external',
      tsconfigRaw: '{}',
    });
    const { stdout } = await runScript(outfile);
    expect(stdout).toMatch(/^Marked\nload: .*bundle\.cjs.* Put @Portable\(\) on the class/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('a standard decorator refuses', () => {
  const context = (more: object): ClassMethodDecoratorContext =>
    ({
      kind: 'method',
      name: 'load',
      static: false,
      private: false,
      addInitializer: () => undefined,
      ...more,
    }) as never;
  const load = async (): Promise<void> => undefined;

  it.each([
    ['a private method', { private: true, name: '#load' }, /#load is private, so that no worker can find it/],
    ['a method named by a symbol', { name: Symbol('load') }, /named by a symbol/],
    ['a getter', { kind: 'getter' }, /is no method, but a getter/],
  ])('%s', (_, more, message) => {
    expect(() => RunInExecutor('thread')(load, context(more))).toThrow(message);
  });

  it('nothing of that for @Cooperative, which stays where it is', () => {
    expect(Cooperative(1)(load, context({ private: true, name: '#load' }))).toBeInstanceOf(Function);
    expect(() => Cooperative(1)(load, context({ kind: 'setter' }))).toThrow(/is no method, but a setter/);
  });
});
