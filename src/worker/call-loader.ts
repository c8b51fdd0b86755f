import { nameOf, type Callable, type CallableDescriptor, type ClassDescriptor } from '../calls/callable';
import { findCallable } from '../calls/find-callable';
import type { ReceivedCall } from '../calls/wire/frames';
import type { Patch } from '../calls/values/payload';
import type { WorkerImportError } from '../calls/errors';
import type { Importer } from './importer';
import { findOwner } from './owner';

/** What a loader tells while it imports the modules of a call. */
export interface LoadEvents {
  /** It begins to import one, or has ended: that may take long, and is no part of the call's time. */
  onImporting(importing: boolean): void;
  /** The module made a decorated call as it was imported, which is the answer to this one. */
  onRefused(refusal: WorkerImportError): void;
}

/** Finds the methods that calls name, and imports the modules that they need first. */
export class CallLoader {
  readonly #callables = new Map<number, Callable>();

  constructor(private readonly importer: Importer) {}

  /** The method of a call, if it was found before, and so were the classes that the call brings along. */
  known({ callable, receiver, patches }: ReceivedCall): Callable | undefined {
    if (!this.#isLoaded(receiver?.[1])) return undefined;
    if (patches && !this.#areLoaded(patches)) return undefined;
    if (receiver?.[3] && !this.#areLoaded(receiver[3])) return undefined;
    return this.#callables.get(callable);
  }

  #areLoaded(patches: readonly Patch[]): boolean {
    for (const patch of patches) if (!this.#isLoaded(classOf(patch))) return false;
    return true;
  }

  #isLoaded(of: ClassDescriptor | undefined): boolean {
    return of === undefined || this.importer.hasLoaded(of.module);
  }

  hasFound(callable: number): boolean {
    return this.#callables.has(callable);
  }

  /**
   * Finds the method of a call, importing its module and the classes that it brings along; undefined when the
   * call was refused.
   */
  async load(
    call: ReceivedCall,
    descriptor: CallableDescriptor,
    events: LoadEvents,
  ): Promise<Callable | undefined> {
    const callable = this.#callables.get(call.callable) ?? (await this.#find(descriptor, events));
    if (!callable) return undefined;
    this.#callables.set(call.callable, callable);
    await this.#importClasses(call, events);
    return callable;
  }

  async #find(descriptor: CallableDescriptor, events: LoadEvents): Promise<Callable | undefined> {
    let isRefused = false;
    let exports: Record<string, unknown>;
    try {
      exports = await this.#import(descriptor.module, nameOf(descriptor), events, (refusal) => {
        // At once: what the module does next may end the worker.
        events.onRefused(refusal);
        isRefused = true;
      });
    } catch (error) {
      if (isRefused) return undefined;
      throw error;
    }
    const callable = findCallable(descriptor);
    findOwner(callable, exports);
    return callable;
  }

  /** Classes that a call brings along: of the receiver, and of portable instances among the data. */
  async #importClasses({ patches, receiver }: ReceivedCall, events: LoadEvents): Promise<void> {
    const brought = [...(patches ?? []), ...(receiver?.[3] ?? [])].map(classOf);
    for (const of of [receiver?.[1], ...brought]) if (of) await this.#import(of.module, of.className, events);
  }

  #import(
    module: string,
    wanted: string,
    events: LoadEvents,
    report?: (refusal: WorkerImportError) => void,
  ): Promise<Record<string, unknown>> {
    if (this.importer.has(module)) return this.importer.importModule(module, wanted, report);
    events.onImporting(true);
    return this.importer.importModule(module, wanted, report).finally(() => events.onImporting(false));
  }
}

function classOf(patch: Patch): ClassDescriptor | undefined {
  return typeof patch[2] === 'object' ? patch[2] : undefined;
}
