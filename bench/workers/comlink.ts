import { parentPort, type MessagePort } from 'node:worker_threads';
import { expose } from 'comlink';
import { tasks } from './tasks';

/** What comlink takes for a port of a browser. */
export function endpointOf(port: Pick<MessagePort, 'postMessage' | 'on' | 'off'>) {
  const listeners = new WeakMap<object, (data: unknown) => void>();
  return {
    postMessage: (message: unknown, transfer?: never[]) => port.postMessage(message, transfer ?? []),
    addEventListener: (_: string, listener: { handleEvent?: (event: unknown) => void }) => {
      const heard = (data: unknown): void => {
        if (typeof listener === 'function') (listener as (event: unknown) => void)({ data });
        else listener.handleEvent?.({ data });
      };
      port.on('message', heard);
      listeners.set(listener, heard);
    },
    removeEventListener: (_: string, listener: object) => {
      const heard = listeners.get(listener);
      if (heard) port.off('message', heard);
    },
    start: () => undefined,
  };
}

if (parentPort) expose(tasks, endpointOf(parentPort) as never);
