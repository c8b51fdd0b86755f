import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { existingModule, isTypeScript, pathOf } from '../calls/module-location';
import type * as typeScript from './load-typescript';
import { standInForTestModules } from './test-globals';

/** Only for what needs it: it makes Node.js load what `import` is made of. */
// eslint-disable-next-line @typescript-eslint/no-require-imports
const forTypeScript = (): typeof typeScript => require('./load-typescript') as typeof typeScript;

/**
 * Not the `require` of this module: where Node.js 22 has loaded this one by hooks of `import`, that one goes by them too,
 * and past what makes `require` load TypeScript.
 */
const requireModule = createRequire(__filename);

/** What `require` says of a module that only `import` can load. */
const needsImport = new Set(['ERR_REQUIRE_ESM', 'ERR_REQUIRE_ASYNC_MODULE']);

type Exports = Record<string, unknown>;

/**
 * Imports a module of the user, so that its decorators register here what it defines.
 *
 * @param module - a `file:` URL for what was imported as ESM, a path for what was required
 * @param loader - the package that loads TypeScript, if the application chose one
 */
export async function loadModule(module: string, loader: string | undefined): Promise<Exports> {
  const existing = existingModule(module);
  const isUrl = existing.startsWith('file:');
  const path = pathOf(existing);
  if (!isTypeScript(path)) return isUrl ? importModule(existing) : requireOrImport(path);
  // A test runner names ESM by its path.
  const asEsm = isUrl || isEsm(path);
  const { explainTypeScript, loadTypeScript } = forTypeScript();
  await loadTypeScript(path, asEsm, loader);
  try {
    if (asEsm) return await importOrRequire(isUrl ? existing : pathToFileURL(path).href, path);
    return await requireOrImport(path, () => loadTypeScript(path, true, loader));
  } catch (error) {
    throw explainTypeScript(error, path);
  }
}

async function importModule(url: string): Promise<Exports> {
  await forTypeScript().shareEsmLoader();
  standInForTestModules();
  return (await import(url)) as Exports;
}

/** The application's loader may serve `require` alone, and an option name a module by its URL nevertheless. */
async function importOrRequire(url: string, path: string): Promise<Exports> {
  try {
    return await importModule(url);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_UNKNOWN_FILE_EXTENSION' || !forTypeScript().hasRequireHook()) throw error;
    return requireModule(path) as Exports;
  }
}

async function requireOrImport(path: string, beforeImport?: () => Promise<void>): Promise<Exports> {
  try {
    return requireModule(path) as Exports;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Test runners may evaluate as CommonJS what Node.js takes for ESM.
    if (code === undefined || !needsImport.has(code)) throw error;
    await beforeImport?.();
    return importModule(pathToFileURL(path).href);
  }
}

/** Whether Node.js takes a TypeScript file for ESM: by its extension, or by the `type` of its package. */
function isEsm(path: string): boolean {
  if (/\.[cm]tsx?$/.test(path)) return /\.mtsx?$/.test(path);
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    try {
      const { type } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { type?: string };
      return type === 'module';
    } catch {
      if (folder === dirname(folder)) return false;
    }
  }
}
