import { NotCloneableError } from './errors';
import { reasonOf } from './message-of';

/** Why a result was not copied: a part of it cannot be, the boundary refused it, or a getter of it threw. */
export function resultError(name: string, cause: unknown): NotCloneableError {
  const isOurs = cause instanceof NotCloneableError;
  const what = isOurs ? cause.message : `the result cannot be copied: ${reasonOf(cause)}.`;
  return new NotCloneableError(
    `${name}: ${what} Return plain data or a @Portable() instance.`,
    isOurs ? cause.path : 'result',
    { cause },
  );
}
