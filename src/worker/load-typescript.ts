import { createRequire, Module } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import {
  candidateLoaders,
  findLoader,
  hasRequireHook,
  inheritsLoader,
  loaderNamed,
  resolveFrom,
  stripsTypes,
  type TypeScriptLoader,
} from '../calls/typescript-loaders';

const loaded = { cjs: false, esm: false };
/** Set when nothing but Node.js itself is there to load TypeScript: it strips types, and no more. */
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
  const candidates = candidateLoaders(chosen);
  const found = findLoader(candidates, path);
  if (found) {
    if (asEsm) await registerEsm(found.loader, path);
    else createRequire(path)(found.file);
    loaded[kind] = true;
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
  if (sharesTsx || isMainThread || !inheritsLoader('tsx')) return;
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
