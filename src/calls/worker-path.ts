import { join } from 'node:path';
import { WorkerStartError } from './errors';

export const keepExternal =
  `Keep it external, and tsyringe and reflect-metadata too: esbuild --packages=external, or webpack externals: ` +
  `/^(offloop|tsyringe|reflect-metadata)/, externalsType: 'commonjs'.`;

/**
 * Where a file of `src/worker/` is: executors name them by path.
 *
 * @throws {@link WorkerStartError} in a bundle of ES modules, where no module knows its folder
 */
export function workerPath(name: string): string {
  if (typeof __dirname === 'string') return join(__dirname, '..', 'worker', name);
  throw new WorkerStartError(
    `offloop is in a bundle, without the files that workers start from. ${keepExternal}`,
  );
}
