import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
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
