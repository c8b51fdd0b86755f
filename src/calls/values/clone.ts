import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { reasonOf } from '../message-of';
import { isMovedAlone } from './cloneable';
import type { Transferable } from './transfer';

let channel: MessageChannel | undefined;

/**
 * What `structuredClone` does, which not every test environment has.
 *
 * @throws what structured clone says of a value that it cannot copy
 */
export function clone<T>(value: T, transfer?: readonly Transferable[]): T {
  channel ??= new MessageChannel();
  channel.port1.postMessage(value, transfer);
  return (receiveMessageOnPort(channel.port2) as { message: T }).message;
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
