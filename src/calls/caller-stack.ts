import { resolve } from 'node:path';
import { isError } from './is-error';
import { defineHidden } from './values/define-field';

const packageRoot = resolve(__dirname, '..', '..');
const ownFolders = ['dist', 'src'].map((folder) => resolve(packageRoot, folder));

const isOwn = (line: string): boolean => ownFolders.some((folder) => line.includes(folder));

/** Frames of offloop itself and of Node.js say nothing about the method or its caller. */
const isInteresting = (line: string): boolean => !/ \(?node:|\(<anonymous>\)/.test(line) && !isOwn(line);

/** A stack as text, without the frames of offloop and, at its end, of Node.js. */
export function withoutOwnFrames(stack: string): string {
  const lines = stack.split('\n');
  const first = lines.findIndex(isOwn);
  if (first < 1) return stack;
  return [...lines.slice(0, first), ...lines.slice(first).filter(isInteresting)].join('\n');
}

/**
 * Adds to an error that came from a worker the stack of who awaits the call: the worker's frames first, then
 * the caller's. Frozen errors and other values stay as they are. An error that many calls end with, such as the
 * reason of their signal, tells of each place that awaits it once.
 *
 * @param below - the function whose frame, and all above it, is left out
 */
export function addCallerStack(error: unknown, below: (...args: never[]) => unknown): void {
  if (!isError(error) || !Object.isExtensible(error)) return;
  try {
    const stack: unknown = error.stack;
    if (typeof stack !== 'string') return;
    const holder: { stack?: unknown } = {};
    Error.captureStackTrace(holder, below);
    // It is what the program's own Error.prepareStackTrace makes of it, or nothing.
    const frames = String(holder.stack).split('\n').slice(1).filter(isInteresting);
    const place = frames.find((line) => !/\(index \d+\)$/.test(line));
    if (place === undefined || `${stack}\n`.includes(`\n${place}\n`)) return;
    defineHidden(error, 'stack', [stack, ...frames].join('\n'));
  } catch {
    // Its stack cannot be read or changed: the error itself matters more.
  }
}

/** For `then`: runs as part of the caller's await, so that the engine knows who awaits: no stack is kept for what succeeds. */
export function rethrow(error: unknown): never {
  addCallerStack(error, rethrow);
  throw error;
}
