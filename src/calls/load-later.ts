import { hostState } from './host-state';

/** What few values need, and what executors do; the latter may ask for more of the former. */
type Part = 'executors' | 'values';

const loaders: Record<Part, (() => unknown)[]> = { executors: [], values: [] };

/**
 * Loads what only those who make calls need: with the package ({@link loadForCallers}), or in a worker when it is
 * first asked for. A worker runs calls, and should not wait for what sends them.
 *
 * @returns what gives the module
 */
export function loadLaterInWorkers<T>(part: Part, load: () => T): () => T {
  let loaded: T | undefined;
  const get = (): T => (loaded ??= load());
  loaders[part].push(get);
  return get;
}

/**
 * Each entry of the package ends with it, and names what it makes calls with. Elsewhere than in a worker nothing is
 * loaded later than the package: the first call does not wait for it, and a test runner may have reset its modules by
 * then, so that what is loaded would not know the classes that this package has loaded before.
 */
export function loadForCallers(...parts: Part[]): void {
  if (hostState()) return;
  // What is loaded may have more to load.
  for (const part of parts) for (const load of loaders[part]) load();
}
