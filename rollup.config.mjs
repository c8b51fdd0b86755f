/**
 * Puts the modules that tsc makes of `src/` together into a few CommonJS files: who loads five files instead of
 * eighty starts sooner, and a worker needs less memory. Which file a module comes to follows from who imports it:
 *
 *   shared       what callers load with the package, and what two of the others need
 *   executors    what makes calls: loaded with the package by callers, and in a worker when it makes some
 *   values       what few values need: loaded so too
 *   sync         what `offloop/sync` is made of
 *   host         what runs calls, in a worker
 *   typescript   what loads TypeScript there
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { transform } from 'esbuild';

const source = resolve('build');
const fileOf = (name) => join(source, `${name}.js`);
const inputOf = (names) => Object.fromEntries(names.map((name) => [name, fileOf(name)]));

const forCallers = ['index', 'testing/index', 'sync'];
const forWorkers = ['worker/thread-entry', 'worker/process-entry', 'worker/sync-entry'];
/** A thread of its own in each child, which is to be small: it has a copy of the little that it needs. */
const watchdog = 'worker/watchdog-entry';

/** Finds the modules that tsc has written, with their source maps. */
const compiled = {
  name: 'compiled',
  resolveId(path, importer) {
    if (!importer || !path.startsWith('.')) return null;
    const file = resolve(dirname(importer), path);
    return [`${file}.js`, join(file, 'index.js')].find(existsSync);
  },
  load: (id) => ({ code: readFileSync(id, 'utf8'), map: JSON.parse(readFileSync(`${id}.map`, 'utf8')) }),
};

/** The file for what is loaded late, by the room that it is in. */
const lateFiles = { calls: 'values', cooperative: 'executors', executors: 'executors', worker: 'typescript' };
const lateModules = new Map();

/** Every thread keeps the text of what it has loaded: comments are in `src/`, which is published too. */
const bare = {
  name: 'bare',
  renderChunk: (code) => transform(code, { target: 'node20', sourcemap: true }),
};

/** A module that is required within a function is loaded late: it is an entry of its own, and named anew. */
const late = {
  name: 'late',
  transform(code, id) {
    const changed = code.replace(/\brequire\('(\.[^']*)'\)/g, (_, path) => {
      const module = `${resolve(dirname(id), path)}.js`;
      lateModules.set(module, lateFiles[module.slice(source.length + 1).split(/[\\/]/)[0]]);
      // Several of them come to one file.
      const chunk = this.emitFile({ type: 'chunk', id: module, preserveSignature: 'allow-extension' });
      return `require(import.meta.ROLLUP_FILE_URL_${chunk})`;
    });
    return { code: changed, map: null };
  },
  resolveFileUrl: ({ relativePath }) =>
    JSON.stringify(relativePath.startsWith('.') ? relativePath : `./${relativePath}`),
};

/** Some modules, what they import, and so on; but nothing that is loaded late. */
function reachedFrom(ids, getModuleInfo) {
  const reached = new Set(ids);
  for (const id of reached) for (const next of getModuleInfo(id)?.importedIds ?? []) reached.add(next);
  return reached;
}

/** Tells the file of a module, once all of them are known. */
function placeModules(getModuleInfo) {
  const reached = (ids) => reachedFrom(ids, getModuleInfo);
  const reachedLate = (name) => reached([...lateModules.keys()].filter((id) => lateModules.get(id) === name));
  const index = reached([fileOf('index')]);
  const files = {
    executors: reachedLate('executors'),
    values: reachedLate('values'),
    sync: reached([fileOf('sync')]),
    host: reached(forWorkers.map(fileOf)),
    typescript: reachedLate('typescript'),
  };
  return (id) => {
    const names = Object.keys(files).filter((name) => files[name].has(id));
    // What two of them need is in neither: a worker that is given a lock loads `sync`, and not what makes calls.
    return index.has(id) || names.length > 1 ? 'shared' : names[0];
  };
}

const entries = [...forCallers, ...forWorkers, watchdog].map(fileOf);
let fileFor;
const fileName = ({ name, facadeModuleId, moduleIds }) =>
  entries.includes(facadeModuleId) ? `${name}.js` : `parts/${fileFor(moduleIds[0])}.js`;

const output = {
  dir: 'dist',
  format: 'cjs',
  exports: 'named',
  esModule: true,
  // What is imported from outside is CommonJS too, and its default export all that it exports.
  interop: 'default',
  generatedCode: { preset: 'es2015', symbols: false },
  minifyInternalExports: false,
  hoistTransitiveImports: false,
  sourcemap: true,
  // Errors of calls name files of this package in their stacks; with the sources beside them, maps need no copies.
  sourcemapExcludeSources: true,
};
const common = {
  external: (id) => !id.startsWith('.') && !id.startsWith(source),
  // What is written is what runs.
  treeshake: false,
};

export default [
  {
    ...common,
    input: inputOf([...forCallers, ...forWorkers]),
    plugins: [compiled, late, bare],
    output: {
      ...output,
      // As deep as the rooms of `src/`, which know each other's files by `../`.
      entryFileNames: fileName,
      chunkFileNames: fileName,
      manualChunks: (id, { getModuleInfo }) =>
        entries.includes(id) ? undefined : (fileFor ??= placeModules(getModuleInfo))(id),
    },
  },
  {
    ...common,
    input: inputOf([watchdog]),
    plugins: [compiled, bare],
    output: { ...output, entryFileNames: '[name].js' },
  },
];
