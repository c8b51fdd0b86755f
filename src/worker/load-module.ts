import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { loadTypeScript } from './load-typescript';

const requireModule = createRequire(__filename);

const typeScriptFile = /\.[cm]?tsx?$/;
/** What `require` says of a module that only `import` can load. */
const needsImport = new Set(['ERR_REQUIRE_ESM', 'ERR_REQUIRE_ASYNC_MODULE']);

/**
 * Imports a module of the user, so that its decorators register here what it defines.
 *
 * @param module - a `file:` URL for what was imported as ESM, a path for what was required
 * @param loader - the package that loads TypeScript, if the application chose one
 */
export async function loadModule(
  module: string,
  loader: string | undefined,
): Promise<Record<string, unknown>> {
  const isUrl = module.startsWith('file:');
  const path = isUrl ? fileURLToPath(module) : module;
  if (typeScriptFile.test(path)) await loadTypeScript(path, isUrl, loader);
  if (isUrl) return (await import(module)) as Record<string, unknown>;
  try {
    return requireModule(path) as Record<string, unknown>;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Test runners may evaluate as CommonJS what Node.js takes for ESM.
    if (code === undefined || !needsImport.has(code)) throw error;
    if (typeScriptFile.test(path)) await loadTypeScript(path, true, loader);
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  }
}
