import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where a decorated class or function is defined: the module that a worker has to import to find it. */
export interface ModuleLocation {
  /** A path (CommonJS) or a `file:` URL (ESM), or '' when there is none to import, as under `node -e`. */
  readonly module: string;
  /** The positions from the decorator up to the top level of the module: tells two definitions apart. */
  readonly site: string;
}

/** Frames of what evaluates modules: the loaders of Node.js, Jest, Vitest and others. The frame before is a top level. */
const loaderFrame =
  /^node:internal\/(modules|main|vm|process\/esm_loader)|^node:vm$|[\\/]node_modules[\\/](?:\.pnpm[\\/].*[\\/]node_modules[\\/])?(jest-runtime|vitest|vite-node|vite|jiti|v8-compile-cache|@vitest[\\/][^\\/]+)[\\/]/;

/** What Node.js calls an ES module from the command line or from its input, as if it were a file. */
const script = /\[eval\d*\]$/;

const dependency = /[\\/]node_modules[\\/]/;

/** From where tsx evaluates CommonJS that an ES module imports: the name of the file ends it. */
const madeByTsx = /^data:[^?]*\?filePath=(.*)/;

/**
 * Finds the module under evaluation: in the stack of a decorator, the frame just before the first frame
 * of a module loader is the top level of the innermost module that is being evaluated. After a top-level
 * await no loader frame is left, and the last frame is that top level. Nor is one when a function is called later,
 * as by a test runner: then it is the last that is no dependency's, for workers must not start what runs the tests.
 */
export function locateModule(): ModuleLocation {
  const frames = structuredStack();
  let top = -1;
  let last = -1;
  const positions: string[] = [];
  for (let index = 0; index < frames.length; index++) {
    const file = fileOf(frames[index]);
    if (file !== undefined && loaderFrame.test(file)) {
      top = last;
      break;
    }
    if (file !== undefined && !file.startsWith('node:')) {
      last = index;
      if (!dependency.test(file)) top = index;
    }
    positions.push(`${frames[index].getLineNumber()}:${frames[index].getColumnNumber()}`);
  }
  if (top < 0) top = last;
  const module = top < 0 ? '' : (fileOf(frames[top]) as string);
  return {
    module: isFile(module) && !script.test(module) ? module : '',
    site: positions.slice(0, top + 1).join(' '),
  };
}

/** True for what names a file wherever it is read: an absolute path or a `file:` URL. */
export function isFile(module: string): boolean {
  return module.startsWith('file:') || isAbsolute(module);
}

/**
 * A module by the name of the file that is there: a source may name another by what it is compiled to, so that
 * `.js` stands for `.ts` where nothing has been compiled.
 */
export function existingModule(module: string): string {
  const [, stem, extension] = /^(.*\.)([cm]?js)$/.exec(module) ?? [];
  if (stem === undefined || existsSync(pathOf(module))) return module;
  const source = stem + extension.replace('js', 'ts');
  return existsSync(pathOf(source)) ? source : module;
}

/** The path of a module that is named by it, or by a `file:` URL. */
export function pathOf(module: string): string {
  return module.startsWith('file:') ? fileURLToPath(module) : module;
}

/** True for the name of a TypeScript file. */
export function isTypeScript(path: string): boolean {
  return /\.[cm]?tsx?$/.test(path);
}

function fileOf(frame: NodeJS.CallSite): string | undefined {
  return frame.getFileName()?.replace(madeByTsx, (_, path: string) => decodeURIComponent(path));
}

function structuredStack(): NodeJS.CallSite[] {
  const { stackTraceLimit, prepareStackTrace } = Error as unknown as Record<string, unknown>;
  try {
    Error.prepareStackTrace = (_, callSites) => callSites;
    Error.stackTraceLimit = Infinity;
    const holder: { stack?: unknown } = {};
    Error.captureStackTrace(holder, locateModule);
    return holder.stack as NodeJS.CallSite[];
  } finally {
    // Set back, not defined again: behind an accessor, which a library may put there, ours would stay.
    Object.assign(Error, { stackTraceLimit, prepareStackTrace });
  }
}
