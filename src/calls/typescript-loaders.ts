/** What loads TypeScript in a worker: known on both sides, for some of it has to be prepared where it starts. */
import { createRequire, Module } from 'node:module';

export interface TypeScriptLoader {
  readonly name: string;
  /** What to require so that `require` loads TypeScript. */
  readonly cjs: string;
  /** What makes `import` load it: hooks to register, or an API that registers its own. */
  readonly hooks?: string;
  readonly api?: string;
  /** The package of its native addon. */
  readonly native?: string;
  /** What it cannot do without. */
  readonly needs?: string;
}

/** TypeScript 7 has none yet. */
const compilerApi = 'typescript@6 or older';

/** In the order of preference: the first emits the decorator metadata that tsyringe needs, esbuild does not. */
const loaders: readonly TypeScriptLoader[] = [
  {
    name: '@swc-node/register',
    cjs: '@swc-node/register',
    hooks: '@swc-node/register/esm',
    native: '@swc/core',
    needs: compilerApi,
  },
  { name: 'tsx', cjs: 'tsx/cjs', api: 'tsx/esm/api' },
  {
    name: 'ts-node',
    cjs: 'ts-node/register/transpile-only',
    hooks: 'ts-node/esm/transpile-only',
    needs: compilerApi,
  },
];

/** The loaders to look for: that which the application chose, or all. */
export function candidateLoaders(chosen: string | undefined): readonly TypeScriptLoader[] {
  return chosen === undefined ? loaders : [loaderNamed(chosen)];
}

export function loaderNamed(name: string): TypeScriptLoader {
  return loaders.find((loader) => loader.name === name) ?? { name, cjs: name };
}

/** The first of some loaders that a module at `path` finds, and what it has to require. */
export function findLoader(
  candidates: readonly TypeScriptLoader[],
  path: string,
): { loader: TypeScriptLoader; file: string } | undefined {
  for (const loader of candidates) {
    const file = resolveFrom(path, loader.cjs);
    if (file !== undefined) return { loader, file };
  }
  return undefined;
}

export function resolveFrom(path: string, specifier: string): string | undefined {
  try {
    return createRequire(path).resolve(specifier);
  } catch {
    return undefined;
  }
}

/** A package among the options of `node`: by its name, or by a path into it. */
const inOptions = (names: string): RegExp =>
  new RegExp(`(?:^|[\\s"'=]|node_modules[\\\\/])(?:${names})(?=[\\\\/"'\\s]|$)`);
const anyLoader = inOptions('@swc-node[\\\\/]register|tsx|ts-node|esbuild-register|sucrase|jiti');
const tsx = inOptions('tsx');

const anyPreload = /(^|\s)(-r|--(require|import|loader|experimental-loader))(?=[=\s]|$)/;

const nodeOptions = (): string[] => [...process.execArgv, process.env.NODE_OPTIONS ?? ''];

/** Whether `node` was started with a loader, or with that one, so that its threads and children are too. */
export function inheritsLoader(only?: 'tsx'): boolean {
  return nodeOptions().some((option) => (only ? tsx : anyLoader).test(option));
}

/** Whether `node` was started with something of the application that may load TypeScript. */
export function inheritsPreload(): boolean {
  return nodeOptions().some((option) => anyPreload.test(option));
}

/** Whether something that was preloaded makes `require` load TypeScript; what Node.js itself has does not count. */
export function hasRequireHook(): boolean {
  const hook = (Module as unknown as { _extensions?: Record<string, unknown> })._extensions?.['.ts'];
  return typeof hook === 'function' && !(stripsTypes() && hook.name === 'loadTS');
}

/** Whether Node.js itself loads TypeScript: it strips types, and no more. */
export function stripsTypes(): boolean {
  return Boolean((process.features as { typescript?: unknown }).typescript);
}
