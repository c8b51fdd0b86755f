import { existsSync } from 'node:fs';
import { createRequire, Module } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import {
  candidateLoaders,
  hasRequireHook,
  inheritsLoader,
  inheritsPreload,
  loaderNamed,
  resolveFrom,
  stripsTypes,
  type TypeScriptLoader,
} from '../calls/typescript-loaders';

export { hasRequireHook };

const loaded = { cjs: false, esm: false };
/** Set when there is nothing to load TypeScript but what is not known here, or Node.js itself, which strips types. */
let missing: Error | undefined;
let sharesTsx = false;

/**
 * Makes this worker load TypeScript as the application does: by what it inherited (`node -r ...`), else by
 * the first loader that the project of the module has installed, else by Node.js itself, if it can.
 *
 * @param chosen - the package that loads TypeScript, if the application chose one
 */
export async function loadTypeScript(
  path: string,
  asEsm: boolean,
  chosen: string | undefined,
): Promise<void> {
  // The maps are in what the hooks of `import` return: Node.js reads them, if it may.
  if (asEsm) process.setSourceMapsEnabled(true);
  const kind = asEsm ? 'esm' : 'cjs';
  if (loaded[kind] || inheritsLoader() || (!asEsm && hasRequireHook())) return;
  nameProject(path);
  const failures: LoaderFailure[] = [];
  for (const loader of candidateLoaders(chosen)) {
    const failure = await failureOf(loader, path, asEsm);
    if (!failure) {
      loaded[kind] = true;
      return;
    }
    failures.push(failure);
  }
  const named = chosen === undefined ? '' : `, which the option 'loader' names,`;
  missing = new Error(
    `the worker has nothing to load TypeScript with: seen from ${path}, ` +
      `${failures.map(({ loader, why }) => `${loader.name}${named} ${why}`).join('; ')}. ` +
      `Install one: npm install --save-dev @swc-node/register @swc/core`,
    { cause: failures.find(({ error }) => error)?.error },
  );
  if (chosen !== undefined || !(stripsTypes() || inheritsPreload())) throw missing;
}

/**
 * Loaders read the `tsconfig.json` of the working directory. Where it has none, as that of a monorepo whose packages
 * a test runner runs together, they get the one that is nearest to the module.
 */
function nameProject(path: string): void {
  if (existsSync('tsconfig.json')) return;
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, 'tsconfig.json');
    if (!existsSync(file)) continue;
    for (const name of ['TS_NODE_PROJECT', 'TSX_TSCONFIG_PATH']) process.env[name] ??= file;
    return;
  }
}

/** Why a loader does not serve. */
interface LoaderFailure {
  readonly loader: TypeScriptLoader;
  readonly why: string;
  readonly error?: unknown;
}

/** Has a loader that a module at `path` finds load TypeScript from now on, or says why it does not. */
async function failureOf(
  loader: TypeScriptLoader,
  path: string,
  asEsm: boolean,
): Promise<LoaderFailure | undefined> {
  const file = resolveFrom(path, loader.cjs);
  if (file === undefined) return { loader, why: 'is not installed' };
  try {
    if (asEsm) await registerEsm(loader, path);
    else createRequire(path)(file);
    return undefined;
  } catch (error) {
    const needs = loader.needs ? `, and needs ${loader.needs}` : '';
    return { loader, why: `does not load (${String(error).split('\n', 1)[0]})${needs}`, error };
  }
}

/** tsx does not serve `import` in the threads of every Node.js that it serves; twice does no harm. */
export async function shareEsmLoader(): Promise<void> {
  if (sharesTsx || isMainThread || !inheritsLoader('tsx')) return;
  sharesTsx = true;
  await registerEsm(loaderNamed('tsx'), join(process.cwd(), 'package.json'));
}

/** What a module's own text may be refused with when types are stripped from it, and no more. */
const needsMore =
  /^(ERR_(UNSUPPORTED|INVALID)_TYPESCRIPT_SYNTAX|ERR_UNKNOWN_FILE_EXTENSION|(ERR_)?MODULE_NOT_FOUND|ERR_UNSUPPORTED_DIR_IMPORT)$/;

/** What swc says of a decorator where `@swc-node/register` has told it of none. */
const unknownDecorator = /^\s*\S+ (Unexpected token `@`|Expression expected)[^]*@/;

/** What to write where a loader did not do what the application expects of it, by what the error says. */
const mends: readonly [RegExp, string][] = [
  // A module of TypeScript names another one: what runs the program, or its tests, may know it by an alias.
  [
    /^Cannot find (?:module|package) .*(?: imported from | resolved in |\nRequire stack:\n- ).*\.[cm]?tsx?$/m,
    `Workers know no aliases but those in "paths" of tsconfig.json: of the one in the working directory, or that ` +
      `TS_NODE_PROJECT (for tsx, TSX_TSCONFIG_PATH) names. @swc-node/register takes "paths" that it inherits by ` +
      `"extends" for relative to the one that inherits them: name the one that has them.`,
  ],
  // esbuild, which tsx has not told of legacy decorators.
  [
    /Parameter decorators only work when experimental decorators are enabled/,
    `tsx knows "experimentalDecorators" for those files only that tsconfig.json includes: the one in the working ` +
      `directory, or that TSX_TSCONFIG_PATH names.`,
  ],
];

/** Says of a module that Node.js itself, or its loader, could not load what was missing. */
export function explainTypeScript(error: unknown, path: string): unknown {
  if (error instanceof Error && unknownDecorator.test(error.message)) {
    return new Error(
      `@swc-node/register knows decorators only where tsconfig.json has "experimentalDecorators": for standard ones, ` +
        `npm install --save-dev tsx, and configureExecutors({ loader: 'tsx' }). It says:\n` +
        error.message.split('\n\n', 1)[0],
      { cause: error },
    );
  }
  if (!(error instanceof Error)) return error;
  if (!missing) {
    const [, mend] = mends.find(([says]) => says.test(error.message)) ?? [];
    return mend === undefined ? error : new Error(`${error.message}\n${mend}`, { cause: error });
  }
  const { code } = error as NodeJS.ErrnoException;
  if (!(error instanceof SyntaxError) && !needsMore.test(code ?? '')) return error;
  const why = stripsTypes()
    ? `Node.js strips the types of ${path}, which is not enough for it: ${error.message}`
    : error.message;
  return new Error(`${missing.message} (${why})`, { cause: error });
}

/** Node.js 26 deprecates hooks of this kind: which kind a loader has is not for the user of a worker to mend. */
function registerHooks(hooks: string, path: string): void {
  const { noDeprecation } = process;
  process.noDeprecation = true;
  try {
    Module.register(hooks, pathToFileURL(path));
  } finally {
    process.noDeprecation = noDeprecation;
  }
}

/** Registers a loader that a module at `path` could find. */
async function registerEsm({ api, hooks, cjs }: TypeScriptLoader, path: string): Promise<void> {
  if (hooks !== undefined) return registerHooks(hooks, path);
  const found = resolveFrom(path, api ?? cjs);
  if (found === undefined) return;
  // What `require` resolves is not what `import` is to load, where a package has both.
  const { href } = pathToFileURL(api === undefined ? found : found.replace(/\.cjs$/, '.mjs'));
  const { register } = (await import(href)) as { register?: () => unknown };
  if (api !== undefined) register?.();
}
