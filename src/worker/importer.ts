import { AsyncLocalStorage } from 'node:async_hooks';
import { CallableNotFoundError, WorkerImportError, WorkerStartError } from '../calls/errors';
import type { HostState } from '../calls/host-state';
import { messageOf } from '../calls/message-of';
import { isFile } from '../calls/module-location';
import { loadModule } from './load-module';

/** What becomes of a class that a module needs before the module that defines it has been evaluated. */
const ofCircle = /before initialization$|^Class extends value undefined/;
const mendOfCircle =
  `. Modules that import each other in a circle depend on which of them comes first: in the program another one did. ` +
  `Break the circle, or have a setup module, configureExecutors({ setup }), import what the program imports first.`;

/**
 * Imports the modules of the user, each once. A decorated call that one of them makes meanwhile is refused,
 * and fails the import, even if nobody awaits the call: the module would start its program in every worker. What
 * calls left running in the background is no part of an import, and is not refused.
 */
export class Importer implements HostState {
  /** The package that loads TypeScript, if the application chose one. */
  loader: string | undefined;
  depth = 1;
  readonly #imports = new Map<string, Promise<Record<string, unknown>>>();
  readonly #loaded = new Set<string>();
  #refusal: WorkerImportError | undefined;
  /** The present import, and what runs as part of it. */
  #import: object | undefined;
  readonly #partOf = new AsyncLocalStorage<object>();
  #report: ((refusal: WorkerImportError) => void) | undefined;

  /** True for what is part of the present import. */
  get importing(): boolean {
    return this.#import !== undefined && this.#partOf.getStore() === this.#import;
  }

  has(module: string): boolean {
    return this.#imports.has(module);
  }

  /** True when the import of a module is over, and went well. */
  hasLoaded(module: string): boolean {
    return this.#loaded.has(module);
  }

  /**
   * Imports the module that defines what is wanted, and returns its exports.
   *
   * @param report - told of a refused call as it happens
   * @throws {@link WorkerImportError} when the module made a decorated call, {@link WorkerStartError} with the
   *   module's own error as the cause when it threw
   */
  async importModule(
    module: string,
    wanted: string,
    report?: (refusal: WorkerImportError) => void,
  ): Promise<Record<string, unknown>> {
    if (module === '') return {};
    if (!isFile(module)) {
      throw new CallableNotFoundError(
        `${wanted}: ${module} is no module of the application: expected a file.`,
      );
    }
    this.#report = report;
    let loading = this.#imports.get(module);
    if (!loading) this.#imports.set(module, (loading = this.#load(module)));
    try {
      const exports = await loading;
      this.#loaded.add(module);
      return exports;
    } catch (cause) {
      if (cause instanceof WorkerImportError) throw cause;
      const message = messageOf(cause);
      const mend = ofCircle.test(message) ? mendOfCircle : '';
      throw new WorkerStartError(`${wanted}: the worker could not import ${module}: ${message}${mend}`, {
        cause,
      });
    } finally {
      this.#report = undefined;
    }
  }

  /** Imports the setup module; its errors are told as they are. */
  importSetup(module: string): Promise<Record<string, unknown>> {
    return this.#load(module);
  }

  onRefused(refusal: WorkerImportError): void {
    if (this.#refusal) return;
    this.#refusal = refusal;
    this.#report?.(refusal);
  }

  async #load(module: string): Promise<Record<string, unknown>> {
    const present = (this.#import = {});
    this.#refusal = undefined;
    try {
      const exports = await this.#partOf.run(present, () => loadModule(module, this.loader));
      // Set by onRefused meanwhile, which the compiler cannot see.
      const refusal = this.#refusal as WorkerImportError | undefined;
      if (refusal) throw refusal;
      return exports;
    } catch (error) {
      throw this.#refusal ?? error;
    } finally {
      this.#import = undefined;
      // While it is in use, each promise costs more.
      this.#partOf.disable();
    }
  }
}
