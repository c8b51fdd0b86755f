/** Frames of offloop itself and of Node.js say nothing about the caller. */
const uninteresting = /\(?(node:|<anonymous>)|[\\/]offloop[\\/](dist|src)[\\/]/;

/**
 * Adds to an error that came from a worker the stack of who awaits the call: the worker's frames first, then
 * the caller's. Frozen errors and other values stay as they are.
 *
 * @param below - the function whose frame, and all above it, is left out
 */
export function addCallerStack(error: unknown, below: (...args: never[]) => unknown): void {
  if (typeof error !== 'object' || error === null || typeof (error as Error).stack !== 'string') return;
  const holder: { stack?: string } = {};
  Error.captureStackTrace(holder, below);
  const frames = (holder.stack ?? '')
    .split('\n')
    .slice(1)
    .filter((line) => !uninteresting.test(line));
  if (frames.length === 0 || !Object.isExtensible(error)) return;
  try {
    const stack = `${(error as Error).stack}\n${frames.join('\n')}`;
    Object.defineProperty(error, 'stack', {
      value: stack,
      writable: true,
      enumerable: false,
      configurable: true,
    });
  } catch {
    // Its stack cannot be changed: the error itself matters more.
  }
}
