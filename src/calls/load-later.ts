import { hostState } from './host-state';

/**
 * Loads what only those who make calls need: at once, or in a worker when it is first asked for. A worker runs
 * calls, and should not wait for what sends them. Elsewhere it must not be later: a test runner may have reset
 * its modules by then, and what is loaded would not know the classes that this package has loaded before.
 *
 * @returns what gives the module
 */
export function loadLaterInWorkers<T>(load: () => T): () => T {
  let loaded = hostState() ? undefined : load();
  return () => (loaded ??= load());
}
