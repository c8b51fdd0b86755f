import { WorkerImportError } from './errors';
import { hostState, type HostState } from './host-state';

export const guardIt =
  'A worker imports the module that defines the class, and must find no start of the program there. ' +
  'Guard it: if (!isWorker) void main(); or move the class to a module of its own.';

/**
 * Refuses what would start workers while a worker imports the module that asks for it: each of them would import
 * that module too, and start more.
 *
 * @throws {@link WorkerImportError} during an import
 */
export function refuseWhileImporting(name: string): void {
  const host = hostState();
  if (host?.importing) throw importRefusal(host, name);
}

/** The error, of which the host is told: the import fails, even if nobody meets the error. */
export function importRefusal(host: HostState, name: string): WorkerImportError {
  const error = new WorkerImportError(
    `${name} was called while a worker was importing the module that calls it. ${guardIt}`,
  );
  host.onRefused(error);
  return error;
}
