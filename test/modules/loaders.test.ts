import 'reflect-metadata';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ProcessExecutor, registerExecutor, shutdownExecutors, ThreadExecutor } from 'offloop';
import { root, runScript } from '../support/run-script';
import { loadedBy } from './loaded-by';

const projects: string[] = [];
afterAll(() => projects.forEach((folder) => rmSync(folder, { recursive: true })));
afterEach(() => shutdownExecutors());

/** A project with a setup module, and outside this one with such packages only as its node_modules hold. */
function project(files: Record<string, string>, within = tmpdir()): string {
  const folder = mkdtempSync(join(within, 'tmp-modules-'));
  projects.push(folder);
  const setup = 'const by: string = process.env.LOADED_BY ?? "nothing"; export default () => void by;';
  for (const [name, text] of Object.entries({ 'setup.ts': setup, ...files })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const broken = 'throw new TypeError("no compiler API");';
/** Loads TypeScript as the loader of this repository does, under another name. */
const working = `process.env.LOADED_BY = 'tsx'; require(${JSON.stringify(require.resolve('@swc-node/register'))});`;

describe.each([
  ['threads', ThreadExecutor],
  ['processes', ProcessExecutor],
])('in %s', (_, Pool) => {
  it('a loader that does not load gives way to the next', async () => {
    const folder = project({
      'node_modules/@swc-node/register/index.js': broken,
      'node_modules/tsx/cjs.js': working,
    });
    const executor = new Pool({ maxWorkers: 1, setup: join(folder, 'setup.ts') });
    registerExecutor('loaders', { useValue: executor });
    await expect(loadedBy()).resolves.toBe('tsx');
  });

  it('where none loads, the error says of each why', async () => {
    const folder = project({
      'node_modules/@swc-node/register/index.js': broken,
      // More than a Node.js that strips types can do by itself.
      'setup.ts': 'enum By { nothing } export default () => void By.nothing;',
    });
    const executor = new Pool({ maxWorkers: 1, setup: join(folder, 'setup.ts') });
    registerExecutor('loaders', { useValue: executor });
    await expect(loadedBy()).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_WORKER_START',
      message: expect.stringMatching(
        /@swc-node\/register does not load \(TypeError: no compiler API\), and needs typescript@6 or older; tsx is not installed; ts-node is not installed\. Install one: npm install/,
      ) as string,
    });
  });

  it('standard decorators, which @swc-node/register does not know, are told to take tsx', async () => {
    const folder = project({
      'node_modules/@swc-node/register/index.js': working,
      'tsconfig.json': '{}',
      'setup.ts':
        'const sealed = (...all: unknown[]): void => void all; @sealed class By {} export default () => void By;',
    });
    const env = { ...process.env, TS_NODE_PROJECT: join(folder, 'tsconfig.json') };
    const executor = new Pool({ maxWorkers: 1, setup: join(folder, 'setup.ts'), env });
    registerExecutor('loaders', { useValue: executor });
    await expect(loadedBy()).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_WORKER_START',
      message: expect.stringMatching(
        /"experimentalDecorators": for standard ones, npm install --save-dev tsx, and configureExecutors\(\{ loader: 'tsx' \}\)/,
      ) as string,
    });
  });

  it.each(['commonjs', 'module'])(
    'an alias that what loads TypeScript does not know is told to go into tsconfig.json, in a %s',
    async (type) => {
      const files = {
        'setup.ts': "import { by } from '@alias/by'; export default () => void by;",
        'package.json': JSON.stringify({ type }),
      };
      const setup = join(project(files, root), 'setup.ts');
      registerExecutor('loaders', { useValue: new Pool({ maxWorkers: 1, setup }) });
      await expect(loadedBy()).rejects.toMatchObject({
        message: expect.stringMatching(
          /Cannot find module '@alias\/by'[^]*\nWorkers know no aliases but those in "paths" of tsconfig\.json.*TS_NODE_PROJECT/,
        ) as string,
      });
    },
  );

  it('legacy decorators in a file that tsx has no options for are told what has to include it', async () => {
    const tsx = `const { readFileSync } = require('node:fs');
const { transformSync } = require(${JSON.stringify(require.resolve('esbuild'))});
require('node:module')._extensions['.ts'] = (module, file) =>
  module._compile(transformSync(readFileSync(file, 'utf8'), { loader: 'ts', format: 'cjs' }).code, file);`;
    const text = `const by = (...all: unknown[]): void => void all;
class By { constructor(@by by: unknown) {} }
export default () => void By;`;
    const setup = join(project({ 'node_modules/tsx/cjs.js': tsx, 'setup.ts': text }), 'setup.ts');
    registerExecutor('loaders', { useValue: new Pool({ maxWorkers: 1, setup, loader: 'tsx' }) });
    await expect(loadedBy()).rejects.toMatchObject({
      message: expect.stringMatching(
        /those files only that tsconfig\.json includes.*TSX_TSCONFIG_PATH/,
      ) as string,
    });
  });

  it('a loader that the application chose and does not have is named as its option', async () => {
    const setup = join(project({}), 'setup.ts');
    registerExecutor('loaders', { useValue: new Pool({ maxWorkers: 1, setup, loader: 'no-such' }) });
    await expect(loadedBy()).rejects.toMatchObject({
      message: expect.stringMatching(/no-such, which the option 'loader' names, is not installed/) as string,
    });
  });

  it.each([
    ['path', (file: string) => file],
    ['URL', pathToFileURL],
  ])('a setup module whose %s says what it is compiled to is found as its source', async (_, nameOf) => {
    const text = `export default (): void => void (process.env.LOADED_BY = 'its source');`;
    const setup = nameOf(join(project({ 'container.ts': text }, root), 'container.js'));
    registerExecutor('loaders', { useValue: new Pool({ maxWorkers: 1, setup }) });
    await expect(loadedBy()).resolves.toBe('its source');
  });

  it('a setup module is found by its URL where the application loads TypeScript for require alone', async () => {
    const folder = project({
      'setup.ts': `export default (): void => void (process.env.LOADED_BY = 'require');`,
      'node_modules/sucrase/register.js': `require(${JSON.stringify(join(root, 'test/support/load-typescript.cjs'))});`,
    });
    const execArgv = ['--require', join(folder, 'node_modules/sucrase/register.js')];
    const setup = pathToFileURL(join(folder, 'setup.ts'));
    registerExecutor('loaders', { useValue: new Pool({ maxWorkers: 1, setup, execArgv }) });
    await expect(loadedBy()).resolves.toBe('require');
  });
});

it.each(['thread', 'process'])(
  'where the working directory has no tsconfig.json, that of the package holds, in a %s',
  async (executor) => {
    const setup = `import 'reflect-metadata';
const note = (target: object, key: string): void => {
  process.env.LOADED_BY = (Reflect.getMetadata('design:type', target, key) as { name: string }).name;
};
class Noted {
  @note at!: Date;
}
export default (): void => void Noted;`;
    const compilerOptions = { target: 'es2022', experimentalDecorators: true, emitDecoratorMetadata: true };
    const files = {
      'packages/one/setup.ts': setup,
      'packages/one/tsconfig.json': JSON.stringify({ compilerOptions }),
    };
    const { stdout, stderr, code } = await runScript('test/modules/elsewhere.cjs', {
      args: [executor, project(files, root)],
    });
    expect([stdout, stderr, code]).toEqual(['Date\n', '', 0]);
  },
);

it.each(['thread', 'process'])('hooks of the application load TypeScript in a %s too', async (executor) => {
  const hooks = `import { readFileSync } from 'node:fs';
export const load = async (url, context, next) =>
  url.endsWith('.ts')
    ? { format: 'module', shortCircuit: true, source: readFileSync(new URL(url), 'utf8').replace(': unknown', '') }
    : next(url, context);`;
  const folder = project({
    'packages/one/package.json': '{ "type": "module" }',
    'packages/one/setup.ts': `const by: unknown = 'hooks'; export default () => (process.env.LOADED_BY = by);`,
    'hooks.mjs': hooks,
    'register.mjs': `import { register } from 'node:module'; register('./hooks.mjs', import.meta.url);`,
  });
  const { stdout, code } = await runScript('test/modules/elsewhere.cjs', {
    nodeArgs: ['--import', pathToFileURL(join(folder, 'register.mjs')).href],
    args: [executor, folder],
  });
  expect([stdout, code]).toEqual(['hooks\n', 0]);
});

it.each(['thread', 'process'])(
  "what makes require load TypeScript does so in a %s too where hooks read CommonJS, as yarn's Plug'n'Play does",
  async (executor) => {
    const hooks = `import { readFileSync } from 'node:fs';
export const load = async (url, context, next) =>
  /\\/dist\\/.*\\.js$/.test(url)
    ? { format: 'commonjs', shortCircuit: true, source: readFileSync(new URL(url), 'utf8') }
    : next(url, context);`;
    const folder = project({
      'packages/one/setup.ts': `enum By { Require = 'require' }; export = () => (process.env.LOADED_BY = By.Require);`,
      'hooks.mjs': hooks,
      'register.mjs': `import { register } from 'node:module'; register('./hooks.mjs', import.meta.url);`,
    });
    const { stdout, code } = await runScript('test/modules/elsewhere.cjs', {
      nodeArgs: [
        '--require',
        require.resolve('@swc-node/register'),
        '--import',
        pathToFileURL(join(folder, 'register.mjs')).href,
      ],
      args: [executor, folder],
    });
    expect([stdout, code]).toEqual(['require\n', 0]);
  },
);

it.each(['./container.js', 'container.js', '', 'https://localhost/container.js', 'node:fs'])(
  'the setup module %j is refused at once',
  (setup) => {
    for (const configure of [
      () => new ThreadExecutor({ setup }),
      () => new ProcessExecutor({ setup: setup.startsWith('https') ? new URL(setup) : setup }),
    ]) {
      expect(configure).toThrow(
        /option 'setup': expected an absolute path or a file: URL, such as require\.resolve\(.*import\.meta\.url\), and in a bundle __filename or import\.meta\.url, found/,
      );
    }
  },
);
