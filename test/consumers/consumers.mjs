/**
 * The consumers: each is a small project that has the packed package installed and runs the same service
 * (`service/`), set up as its users would. They differ in the few things that are written here.
 *
 * @typedef {object} Consumer
 * @property {string} name
 * @property {string} home where it is installed: a key of `homes`
 * @property {'module'} [type] of its package.json
 * @property {Record<string, string>} [files] what it has besides the service and its tsconfig.json
 * @property {string} [sources] the folder with its sources. Default: `service`
 * @property {(file: string, text: string) => string} [edit] what it writes differently in the service
 * @property {Record<string, string>} [rename] the names of its sources
 * @property {string[][]} [build] commands
 * @property {string[]} run a command
 * @property {Record<string, string>} [env]
 * @property {RegExp} [fails] why it cannot work: what the error that it gets has to say
 * @property {number} [runs] how often each of them runs. Default: once
 * @property {number} [filesAtOnce] how many test files may run in one process at a time. Default: one
 * @property {RegExp} [marks] the marks in the sources whose lines a stack has to name. Default: all
 * @property {number} [sinceNode] the first major that has what it is about
 * @property {number} [many] how many copies of `many.test.ts` it runs
 */

const offloopPeers = { tsyringe: '4', 'reflect-metadata': '0.2' };

/** Where consumers are installed: those of one home share one `npm install`, and all see what `tools` has. */
export const homes = {
  tools: {
    packages: {
      ...offloopPeers,
      '@babel/core': '7',
      '@babel/plugin-proposal-decorators': '7',
      '@babel/preset-env': '7',
      '@babel/preset-typescript': '7',
      '@jest/globals': '30',
      '@swc/core': '1',
      '@swc/jest': '0.2',
      '@types/node': '26',
      'babel-jest': '30',
      'babel-plugin-transform-typescript-metadata': '0.4',
      esbuild: '0.28',
      jest: '30',
      'ts-jest': '29',
      'ts-loader': '9',
      typescript: '6.0',
      'unplugin-swc': '1',
      vitest: '4',
      webpack: '5',
      'webpack-cli': '6',
    },
  },
  none: { packages: {} },
  'swc-node': { packages: { '@swc-node/register': '1', '@swc/core': '1', typescript: '6.0' } },
  tsx: { packages: { tsx: '4' } },
  'ts-node': { packages: { 'ts-node': '10', typescript: '5.9', '@types/node': '20' } },
  pnpm: { packages: { ...offloopPeers, '@swc-node/register': '1', '@swc/core': '1', typescript: '5.9' } },
  yarn: { packages: { ...offloopPeers, 'ts-node': '10', typescript: '5.9', '@types/node': '20' } },
};

/** Without the metadata of decorators, which esbuild does not emit, a dependency is named by its token. */
const byToken = (file, text) =>
  file === 'orders.ts'
    ? text
        .replace('import { injectable }', 'import { inject, injectable }')
        .replace('constructor(private', 'constructor(@inject(Prices) private')
    : text;
const unguarded = (file, text) => (file === 'main.ts' ? text.replace('if (!isWorker) ', '') : text);
/** A bundler knows `offloop/sync` by that name, and not by that of the package. */
const inPlaceToo = (file, text) =>
  file === 'main.ts'
    ? text
        .replace(
          /import .* from 'offloop';\n/,
          "$&import { asyncToSync } from 'offloop/sync';\nimport { container } from 'tsyringe';\nimport { Orders } from './orders';\n",
        )
        .replace('  for (', "  asyncToSync(container.resolve(Orders)).inThread(['apple']);\n$&")
    : text;
const inOrder =
  (...edits) =>
  (file, text) =>
    edits.reduce((edited, edit) => edit(file, edited), text);
/** CommonJS names modules without their extension. */
const commonJs = (_, text) => text.replace(/from '(\.\/\w+)\.js'/g, "from '$1'");
const forVitest = (_, text) =>
  text.replace(
    /\{([^}]*)\} from '@jest\/globals'/,
    (__, names) => `{${names.replace('jest', 'vi as jest')}} from 'vitest'`,
  );
const esModule = (_, text) => text.replace(/const (\{.*\}) = require\((.*)\);/g, 'import $1 from $2;');
const withTypes = (_, text) => text.replace('check(executor)', "check(executor: 'thread' | 'process')");
/** The module of the class is evaluated for longer than a turn of the loop. */
const topLevelAwait = (file, text) =>
  file === 'orders.ts'
    ? text.replace('@injectable', 'await new Promise((resolve) => setTimeout(resolve, 5));\n\n@injectable')
    : text.replace('if (!isWorker) void main()', 'if (!isWorker) await main()');

const jestConfig = (config) =>
  `module.exports = ${JSON.stringify({ testEnvironment: 'node', testTimeout: 30_000, ...config })};`;
const swcForJest = [
  '@swc/jest',
  {
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
    },
  },
];
const transform = (transformer) => ({ transform: { '^.+\\.ts$': transformer } });
const esmJest = { extensionsToTreatAsEsm: ['.ts'], moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' } };
const babelConfig = `module.exports = {
  presets: [['@babel/preset-env', { targets: { node: '20' } }], '@babel/preset-typescript'],
  plugins: ['babel-plugin-transform-typescript-metadata', ['@babel/plugin-proposal-decorators', { legacy: true }]],
};`;
const vitestConfig = (plugins) => `${plugins ? "import swc from 'unplugin-swc';\n" : ''}
export default {
  plugins: [${plugins}],
  test: { include: ['*.test.ts'], testTimeout: 30_000 },
};`;
const esbuildCommand = (format, out) => [
  'esbuild',
  'main.ts',
  '--bundle',
  '--platform=node',
  '--sourcemap',
  '--packages=external',
  `--format=${format}`,
  `--outfile=${out}`,
];
const esbuild = (format, out) => [esbuildCommand(format, out)];
const webpackConfig = `module.exports = {
  mode: 'development',
  devtool: 'source-map',
  target: 'node',
  entry: './main.ts',
  output: { path: __dirname + '/out', filename: 'main.js' },
  resolve: { extensions: ['.ts', '.js'] },
  module: { rules: [{ test: /\\.ts$/, loader: 'ts-loader', options: { transpileOnly: true } }] },
  externalsType: 'commonjs',
  externals: /^(offloop|tsyringe|reflect-metadata)(\\/|$)/,
};`;

const bundled = /ERR_OFFLOOP_WORKER_START.*bundle.*external/s;
const missingGuard = /ERR_OFFLOOP_WORKER_IMPORT.*if \(!isWorker\)/s;
const missingLoader = /nothing to load TypeScript with.*npm install --save-dev @swc-node\/register/s;
const missingMetadata = /decorator metadata.*@swc-node\/register.*@inject/s;

const withSourceMaps = ['node', '--enable-source-maps'];
const jest = { run: ['jest', '--maxWorkers=2', '--ci'], edit: commonJs };

/** @type {Consumer[]} */
export const consumers = [
  {
    name: 'tsc to CommonJS',
    home: 'none',
    edit: commonJs,
    build: [['tsc']],
    run: [...withSourceMaps, 'out/main.js'],
  },
  {
    name: 'tsc to ESM',
    home: 'none',
    type: 'module',
    build: [['tsc']],
    run: [...withSourceMaps, 'out/main.js'],
  },
  {
    name: 'ESM with top-level await',
    home: 'none',
    type: 'module',
    edit: topLevelAwait,
    build: [['tsc']],
    run: [...withSourceMaps, 'out/main.js'],
  },
  {
    name: 'source maps switched on by the program',
    home: 'none',
    edit: inOrder(commonJs, (file, text) =>
      file === 'main.ts' ? `process.setSourceMapsEnabled(true);\n${text}` : text,
    ),
    build: [['tsc']],
    run: ['node', 'out/main.js'],
  },

  {
    name: 'node -r @swc-node/register',
    home: 'swc-node',
    edit: commonJs,
    run: ['node', '-r', '@swc-node/register', 'main.ts'],
  },
  {
    name: 'node --import @swc-node/register/esm-register',
    home: 'swc-node',
    type: 'module',
    run: ['node', '--enable-source-maps', '--import', '@swc-node/register/esm-register', 'main.ts'],
  },
  {
    name: 'node --import @swc-node/register/esm-register, no source maps in the program',
    home: 'swc-node',
    type: 'module',
    run: ['node', '--import', '@swc-node/register/esm-register', 'main.ts'],
    marks: /thrown here/,
  },
  { name: 'tsx', home: 'tsx', edit: inOrder(commonJs, byToken), run: ['tsx', 'main.ts'] },
  { name: 'tsx, ESM', home: 'tsx', type: 'module', edit: byToken, run: ['tsx', 'main.ts'] },
  {
    name: 'tsx, an ES module that imports CommonJS',
    home: 'tsx',
    edit: byToken,
    rename: { 'main.ts': 'main.mts' },
    run: ['tsx', 'main.mts'],
    marks: /thrown here/,
  },
  {
    name: 'node --import tsx',
    home: 'tsx',
    type: 'module',
    edit: byToken,
    run: ['node', '--import', 'tsx', 'main.ts'],
  },
  { name: 'ts-node', home: 'ts-node', edit: commonJs, run: ['ts-node', 'main.ts'] },
  {
    name: 'node -r ts-node/register',
    home: 'ts-node',
    edit: commonJs,
    run: ['node', '-r', 'ts-node/register', 'main.ts'],
  },
  {
    name: 'NODE_OPTIONS=--loader=ts-node/esm',
    home: 'ts-node',
    type: 'module',
    run: ['node', 'main.ts'],
    env: { NODE_OPTIONS: '--enable-source-maps --loader=ts-node/esm' },
  },

  {
    name: 'Jest with ts-jest',
    home: 'swc-node',
    ...jest,
    files: { 'jest.config.js': jestConfig(transform('ts-jest')) },
  },
  {
    name: 'Jest with @swc/jest',
    home: 'swc-node',
    ...jest,
    files: { 'jest.config.js': jestConfig(transform(swcForJest)) },
  },
  {
    name: 'Jest with babel-jest',
    home: 'swc-node',
    ...jest,
    files: { 'jest.config.js': jestConfig(transform('babel-jest')), 'babel.config.js': babelConfig },
  },
  {
    name: 'Jest in ESM mode with ts-jest',
    home: 'swc-node',
    ...jest,
    edit: undefined,
    type: 'module',
    files: { 'jest.config.cjs': jestConfig({ ...esmJest, ...transform(['ts-jest', { useESM: true }]) }) },
    env: { NODE_OPTIONS: '--experimental-vm-modules' },
  },
  {
    name: 'Jest in ESM mode with @swc/jest',
    home: 'swc-node',
    ...jest,
    edit: undefined,
    type: 'module',
    files: { 'jest.config.cjs': jestConfig({ ...esmJest, ...transform(swcForJest) }) },
    env: { NODE_OPTIONS: '--experimental-vm-modules' },
  },
  {
    name: 'Jest in ESM mode, tsx in the worker',
    home: 'tsx',
    ...jest,
    edit: byToken,
    type: 'module',
    files: { 'jest.config.cjs': jestConfig({ ...esmJest, ...transform(swcForJest) }) },
    env: { NODE_OPTIONS: '--experimental-vm-modules' },
  },
  {
    name: 'Jest in ESM mode, ts-node in the worker',
    home: 'ts-node',
    ...jest,
    edit: undefined,
    type: 'module',
    files: { 'jest.config.cjs': jestConfig({ ...esmJest, ...transform(swcForJest) }) },
    env: { NODE_OPTIONS: '--experimental-vm-modules' },
  },
  {
    name: 'Jest --detectOpenHandles',
    home: 'swc-node',
    ...jest,
    run: ['jest', '--ci', '--detectOpenHandles'],
    files: { 'jest.config.js': jestConfig(transform(swcForJest)) },
  },
  {
    name: 'Jest --watchAll',
    home: 'swc-node',
    ...jest,
    run: ['node', 'watch.mjs'],
    many: 1,
    runs: 5,
    files: { 'jest.config.js': jestConfig(transform(swcForJest)) },
  },
  {
    name: 'Jest, many files',
    home: 'swc-node',
    ...jest,
    many: 12,
    files: { 'jest.config.js': jestConfig(transform(swcForJest)) },
  },
  {
    name: 'Jest with ts-jest, tsx in the worker',
    home: 'tsx',
    ...jest,
    edit: inOrder(commonJs, byToken),
    files: { 'jest.config.js': jestConfig(transform('ts-jest')) },
  },
  {
    name: 'Jest with ts-jest, ts-node in the worker',
    home: 'ts-node',
    ...jest,
    files: { 'jest.config.js': jestConfig(transform('ts-jest')) },
  },
  {
    name: 'Jest with ts-jest, metadata lost to tsx in the worker',
    home: 'tsx',
    ...jest,
    files: { 'jest.config.js': jestConfig(transform('ts-jest')) },
    fails: missingMetadata,
  },
  {
    name: 'Jest with ts-jest, no loader for the worker',
    home: 'none',
    ...jest,
    files: { 'jest.config.js': jestConfig(transform('ts-jest')) },
    fails: missingLoader,
  },

  {
    name: 'Vitest with unplugin-swc',
    home: 'swc-node',
    type: 'module',
    edit: forVitest,
    files: { 'vitest.config.mjs': vitestConfig('swc.vite()') },
    run: ['vitest', 'run'],
  },
  {
    name: 'Vitest with unplugin-swc, in its threads',
    home: 'swc-node',
    type: 'module',
    edit: forVitest,
    files: { 'vitest.config.mjs': vitestConfig('swc.vite()') },
    run: ['vitest', 'run', '--pool=threads'],
    many: 3,
    filesAtOnce: 3,
  },
  {
    name: 'Vitest as it is',
    home: 'tsx',
    type: 'module',
    edit: inOrder(forVitest, byToken),
    files: { 'vitest.config.mjs': vitestConfig('') },
    run: ['vitest', 'run'],
  },

  {
    name: 'esbuild bundle',
    home: 'none',
    edit: inOrder(byToken, inPlaceToo),
    build: esbuild('cjs', 'out/main.js'),
    run: [...withSourceMaps, 'out/main.js'],
  },
  {
    name: 'esbuild bundle, ESM',
    home: 'none',
    edit: byToken,
    build: esbuild('esm', 'out/main.mjs'),
    run: [...withSourceMaps, 'out/main.mjs'],
  },
  {
    name: 'esbuild bundle that holds offloop',
    home: 'none',
    edit: byToken,
    build: [esbuildCommand('cjs', 'out/main.js').filter((option) => option !== '--packages=external')],
    run: ['node', 'out/main.js'],
    fails: bundled,
  },
  {
    name: 'esbuild bundle without a guard',
    home: 'none',
    edit: inOrder(byToken, unguarded),
    build: esbuild('cjs', 'out/main.js'),
    run: ['node', 'out/main.js'],
    fails: missingGuard,
  },
  {
    name: 'webpack bundle',
    home: 'none',
    edit: inOrder(commonJs, inPlaceToo),
    files: { 'webpack.config.js': webpackConfig },
    build: [['webpack']],
    run: [...withSourceMaps, 'out/main.js'],
  },
  {
    name: 'webpack bundle without a guard',
    home: 'none',
    edit: inOrder(commonJs, unguarded),
    files: { 'webpack.config.js': webpackConfig },
    build: [['webpack']],
    run: ['node', 'out/main.js'],
    fails: missingGuard,
  },

  { name: 'pnpm', home: 'pnpm', edit: commonJs, run: ['node', '-r', '@swc-node/register', 'main.ts'] },
  {
    name: "yarn Plug'n'Play",
    home: 'yarn',
    edit: commonJs,
    run: ['yarn', 'node', '-r', 'ts-node/register', 'main.ts'],
  },

  { name: 'plain JavaScript', home: 'none', sources: 'plain', run: ['node', 'main.cjs'] },
  {
    name: 'plain JavaScript, ESM',
    home: 'none',
    sources: 'plain',
    edit: esModule,
    rename: { 'main.cjs': 'main.mjs' },
    run: ['node', 'main.mjs'],
  },
  {
    name: 'types stripped by Node.js',
    home: 'none',
    type: 'module',
    sources: 'plain',
    edit: inOrder(esModule, withTypes),
    rename: { 'main.cjs': 'main.ts' },
    run: ['node', 'main.ts'],
    sinceNode: 22,
  },
];
