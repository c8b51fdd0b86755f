import { inspect } from 'node:util';

/**
 * Warns of what no call can tell. Node.js prints it, or hands it to who listens to the process's `warning`.
 *
 * @param cause - an error that is the reason, to be printed below
 */
export function warn(code: `OFFLOOP_${string}`, message: string, cause?: unknown): void {
  const detail = cause === undefined ? undefined : inspect(cause);
  process.emitWarning(message, { type: 'OffloopWarning', code, detail });
}
