import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

interface TypeScriptLoader {
  readonly name: string;
  /** What to require so that `require` loads TypeScript. */
  readonly cjs: string;
  /** What to import so that `import` does. */
  readonly esm: string;
}

/** In the order of preference: the first emits the decorator metadata that tsyringe needs, esbuild does not. */
const loaders: readonly TypeScriptLoader[] = [
  { name: '@swc-node/register', cjs: '@swc-node/register', esm: '@swc-node/register/esm-register' },
  { name: 'tsx', cjs: 'tsx/cjs', esm: 'tsx/esm' },
  { name: 'ts-node', cjs: 'ts-node/register/transpile-only', esm: 'ts-node/esm' },
];

const loaderInOptions = /swc-node|tsx|ts-node|esbuild-register|sucrase|jiti/;
let loaded: 'cjs' | 'both' | undefined;

/**
 * Makes this worker load TypeScript as the application does: by what it inherited (`node -r ...`), else by
 * the first loader that the project of the module has installed.
 */
export async function loadTypeScript(
  path: string,
  asEsm: boolean,
  chosen: string | undefined,
): Promise<void> {
  if (loaded === 'both' || (loaded === 'cjs' && !asEsm) || inheritsLoader()) return;
  const require = createRequire(path);
  const candidates = chosen === undefined ? loaders : [loaderNamed(chosen)];
  for (const candidate of candidates) {
    const cjs = resolve(require, candidate.cjs);
    if (cjs === undefined) continue;
    if (loaded === undefined) require(cjs);
    loaded = 'cjs';
    const esm = asEsm ? resolve(require, candidate.esm) : undefined;
    if (esm !== undefined) {
      await import(pathToFileURL(esm).href);
      loaded = 'both';
    }
    return;
  }
  throw new Error(
    `the worker has nothing to load TypeScript with: ${candidates.map(({ name }) => name).join(', ')} ` +
      `${candidates.length > 1 ? 'are' : 'is'} not installed where ${path} could find ${candidates.length > 1 ? 'them' : 'it'}. ` +
      `Install one: npm install --save-dev @swc-node/register @swc/core`,
  );
}

function inheritsLoader(): boolean {
  return loaderInOptions.test([...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' '));
}

function loaderNamed(name: string): TypeScriptLoader {
  return loaders.find((loader) => loader.name === name) ?? { name, cjs: name, esm: name };
}

function resolve(require: NodeJS.Require, specifier: string): string | undefined {
  try {
    return require.resolve(specifier);
  } catch {
    return undefined;
  }
}
