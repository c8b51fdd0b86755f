import workerThreads, { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { reasonOf } from '../message-of';
import { isMovedAlone } from './cloneable';
import type { Transferable } from './transfer';

// It keeps the async context that it was made in, which under Jest has all of a test file. Each file evaluates this
// module anew, and what Node.js itself exports they share.
const channelKey = Symbol.for('offloop.channel');
const shared = workerThreads as { [channelKey]?: MessageChannel };

/**
 * What `structuredClone` does, which not every test environment has.
 *
 * @throws what structured clone says of a value that it cannot copy
 */
export function clone<T>(value: T, transfer?: readonly Transferable[]): T {
  const { port1, port2 } = (shared[channelKey] ??= new MessageChannel());
  port1.postMessage(value, transfer);
  return (receiveMessageOnPort(port2) as { message: T }).message;
}

/** Why structured clone refuses a value that is not transferred; undefined when it takes it. */
export function whyRefused(value: object): string | undefined {
  if (isMovedAlone(value)) return 'it can only be moved: transfer(it, [it])';
  try {
    clone(value);
  } catch (error) {
    return reasonOf(error);
  }
  return undefined;
}
