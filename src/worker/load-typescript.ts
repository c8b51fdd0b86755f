import Module, { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isMainThread } from 'node:worker_threads';

interface TypeScriptLoader {
  readonly name: string;
  /** What to require so that `require` loads TypeScript. */
  readonly cjs: string;
  /** What makes `import` load it: hooks to register, or an API that registers its own. */
  readonly hooks?: string;
  readonly api?: string;
}

/** In the order of preference: the first emits the decorator metadata that tsyringe needs, esbuild does not. */
const loaders: readonly TypeScriptLoader[] = [
  { name: '@swc-node/register', cjs: '@swc-node/register', hooks: '@swc-node/register/esm' },
  { name: 'tsx', cjs: 'tsx/cjs', api: 'tsx/esm/api' },
  { name: 'ts-node', cjs: 'ts-node/register/transpile-only', hooks: 'ts-node/esm/transpile-only' },
];

/** A loader among the options of `node`: by its name, or by a path into its package. */
const loaderInOptions =
  /(?:^|[\s"'=]|node_modules[\\/])(?:@swc-node[\\/]register|tsx|ts-node|esbuild-register|sucrase|jiti)(?=[\\/"'\s]|$)/;
const tsxInOptions = /(?:^|[\s"'=]|node_modules[\\/])tsx(?=[\\/"'\s]|$)/;

const loaded = { cjs: false, esm: false };
/** Set when nothing but Node.js itself is there to load TypeScript: it strips types, and no more. */
let missing: Error | undefined;
let sharesTsx = false;

/**
 * Makes this worker load TypeScript as the application does: by what it inherited (`node -r ...`), else by
 * the first loader that the project of the module has installed, else by Node.js itself, if it can.
 */
export async function loadTypeScript(
  path: string,
  asEsm: boolean,
  chosen: string | undefined,
): Promise<void> {
  // The maps are in what the hooks of `import` return: Node.js reads them, if it may.
  if (asEsm) process.setSourceMapsEnabled(true);
  if (loaded[asEsm ? 'esm' : 'cjs'] || inherits(loaderInOptions) || (!asEsm && hasRequireHook())) return;
  const require = createRequire(path);
  const candidates = chosen === undefined ? loaders : [loaderNamed(chosen)];
  for (const candidate of candidates) {
    const cjs = resolve(require, candidate.cjs);
    if (cjs === undefined) continue;
    if (asEsm) await registerEsm(candidate, path);
    else require(cjs);
    loaded[asEsm ? 'esm' : 'cjs'] = true;
    return;
  }
  const names = candidates.map(({ name }) => name).join(', ');
  missing = new Error(
    `the worker has nothing to load TypeScript with: ${names} ` +
      `${candidates.length > 1 ? 'are' : 'is'} not installed where ${path} could find ${candidates.length > 1 ? 'them' : 'it'}. ` +
      `Install one: npm install --save-dev @swc-node/register @swc/core`,
  );
  if (chosen !== undefined || !stripsTypes()) throw missing;
}

/** tsx does not serve `import` in the threads of every Node.js that it serves; twice does no harm. */
export async function shareEsmLoader(): Promise<void> {
  if (sharesTsx || isMainThread || !inherits(tsxInOptions)) return;
  sharesTsx = true;
  await registerEsm(loaderNamed('tsx'), join(process.cwd(), 'package.json'));
}

/** What a module's own text may be refused with when types are stripped from it, and no more. */
const needsMore =
  /^(ERR_(UNSUPPORTED|INVALID)_TYPESCRIPT_SYNTAX|(ERR_)?MODULE_NOT_FOUND|ERR_UNSUPPORTED_DIR_IMPORT)$/;

/** Says of a module that Node.js itself could not load what was missing. */
export function explainTypeScript(error: unknown, path: string): unknown {
  if (!missing || !(error instanceof Error)) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (!(error instanceof SyntaxError) && !needsMore.test(code ?? '')) return error;
  const why = `Node.js strips the types of ${path}, which is not enough for it: ${error.message}`;
  return new Error(`${missing.message} (${why})`, { cause: error });
}

/** Registers a loader that a module at `path` could find. */
async function registerEsm({ api, hooks, cjs }: TypeScriptLoader, path: string): Promise<void> {
  if (hooks !== undefined) return Module.register(hooks, pathToFileURL(path));
  const found = resolve(createRequire(path), api ?? cjs);
  if (found === undefined) return;
  // What `require` resolves is not what `import` is to load, where a package has both.
  const { href } = pathToFileURL(api === undefined ? found : found.replace(/\.cjs$/, '.mjs'));
  const { register } = (await import(href)) as { register?: () => unknown };
  if (api !== undefined) register?.();
}

function inherits(loader: RegExp): boolean {
  return [...process.execArgv, process.env.NODE_OPTIONS ?? ''].some((option) => loader.test(option));
}

/** Whether something that was preloaded makes `require` load TypeScript; what Node.js itself has does not count. */
function hasRequireHook(): boolean {
  const hook = (Module as unknown as { _extensions: Record<string, unknown> })._extensions['.ts'];
  return typeof hook === 'function' && !(stripsTypes() && hook.name === 'loadTS');
}

function stripsTypes(): boolean {
  return Boolean((process.features as { typescript?: unknown }).typescript);
}

function loaderNamed(name: string): TypeScriptLoader {
  return loaders.find((loader) => loader.name === name) ?? { name, cjs: name };
}

function resolve(require: NodeJS.Require, specifier: string): string | undefined {
  try {
    return require.resolve(specifier);
  } catch {
    return undefined;
  }
}
