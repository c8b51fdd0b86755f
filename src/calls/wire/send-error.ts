import { encodePayload, type Payload } from '../values/payload';
import { loadLaterInWorkers } from '../load-later';
import type * as bare from '../values/bare-error';

// eslint-disable-next-line @typescript-eslint/no-require-imports
const loadBareErrors = loadLaterInWorkers('values', () => require('../values/bare-error') as typeof bare);

/**
 * Sends an error with all that the boundary carries of it: an error must not be lost over what it holds.
 *
 * @param send - sends the error as a payload; throws what the boundary says of a part that it cannot carry
 */
export function sendError(
  error: unknown,
  sharedMemory: boolean,
  send: (value: unknown, patches: Payload['patches']) => void,
): void {
  if (trySend(error, sharedMemory, send)) return;
  // Of what threads hand each other, some needs to be transferred, which an error does not ask for.
  if (sharedMemory && trySend(error, false, send)) return;
  trySend(loadBareErrors().bareError(error), false, send);
}

function trySend(error: unknown, sharedMemory: boolean, send: Parameters<typeof sendError>[2]): boolean {
  try {
    const { value, patches } = encodePayload(error, { root: 'error', sharedMemory });
    send(value, patches);
    return true;
  } catch {
    return false;
  }
}
