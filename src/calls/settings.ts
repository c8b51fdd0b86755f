import { amongCopies } from './among-copies';
import { moduleName, that, validateOptions } from './options';

/** What holds for all executors of this process that do not say otherwise. */
export interface ExecutorSettings {
  /**
   * A module that each worker imports, and whose default export it awaits with the worker's container,
   * before its first call: the place for registrations. A `file:` URL or an absolute path; `.js` stands for
   * `.ts` where nothing has been compiled. Default: none.
   */
  readonly setup?: string | URL;
  /**
   * The package that loads TypeScript in workers. Default: the first that is installed and does of
   * `@swc-node/register`, `tsx` and `ts-node`.
   */
  readonly loader?: string;
}

/** The settings in effect. */
export const executorSettings = amongCopies<ExecutorSettings>('settings', () => ({}));

/**
 * Sets what the workers of all executors start with, from now on; workers that run already keep what they
 * started with. Options that are not given keep their value.
 *
 * @throws {@link InvalidOptionError} for an unknown option or a wrong value
 * @example configureExecutors({ setup: new URL('./container.js', import.meta.url) });
 */
export function configureExecutors(settings: ExecutorSettings): void {
  validateOptions('configureExecutors', settings, settingsChecks);
  Object.assign(executorSettings, settings);
}

export const settingsChecks = {
  setup: moduleName,
  loader: that("the name of a package, such as 'tsx'", (value) => typeof value === 'string' && value !== ''),
};
