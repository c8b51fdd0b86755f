import { createRequire } from 'node:module';
import { existingModule, isTypeScript, pathOf } from '../../calls/module-location';
import { candidateLoaders, findLoader, inheritsLoader, resolveFrom } from '../../calls/typescript-loaders';

let isHeld = false;

/**
 * Loads here, before a thread does, the native addon of what will load the TypeScript of a module there. An
 * addon that only threads have loaded may crash the process: @swc/core does so since 1.16.17, when the first
 * thread that had it has ended and another one loads it, even where it stays mapped (RTLD_NODELETE was tried). The main
 * thread ends with the process; where another one uses executors, docs/typescript.md says what to write.
 *
 * @param module - what a thread is about to import
 * @param chosen - the loader that the application chose
 */
export function holdAddonFor(module: string, chosen: string | undefined): void {
  if (isHeld) return;
  const path = pathOf(existingModule(module));
  if (!isTypeScript(path) || inheritsLoader()) return;
  isHeld = true;
  const found = findLoader(candidateLoaders(chosen), path);
  const native = found?.loader.native && resolveFrom(found.file, found.loader.native);
  if (!native) return;
  try {
    createRequire(__filename)(native);
  } catch {
    // The thread will say what is wrong with it.
  }
}
