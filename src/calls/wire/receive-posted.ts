import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import { LOOK, type Frame } from './frames';

/**
 * Takes a frame that was posted, without a turn of the loop; false when nothing was.
 *
 * @param onUnreadable - told of one that is too deep for this thread's stack
 */
export function receivePosted(
  port: MessagePort,
  receive: (frame: Frame) => void,
  onUnreadable?: (cause: unknown) => void,
): boolean {
  let entry: ReturnType<typeof receiveMessageOnPort>;
  try {
    entry = receiveMessageOnPort(port);
  } catch (cause) {
    onUnreadable?.(cause);
    return true;
  }
  if (entry && entry.message !== LOOK) receive(entry.message as Frame);
  return entry !== undefined;
}
