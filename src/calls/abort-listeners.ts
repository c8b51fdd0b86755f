type Listener = () => void;

/** The one listener that a signal has, and those that it tells. */
interface Shared {
  readonly listeners: Set<Listener>;
  readonly tell: Listener;
}

const sharedBy = new WeakMap<AbortSignal, Shared>();

/**
 * Calls `listener` when `signal` aborts, until the function that it returns is called. However many calls
 * share a signal, the signal has one listener: Node.js takes more than ten for a leak, and warns.
 */
export function onAbort(signal: AbortSignal, listener: Listener): () => void {
  const shared = sharedBy.get(signal) ?? share(signal);
  shared.listeners.add(listener);
  return () => {
    shared.listeners.delete(listener);
    if (shared.listeners.size > 0) return;
    signal.removeEventListener('abort', shared.tell);
    if (sharedBy.get(signal) === shared) sharedBy.delete(signal);
  };
}

function share(signal: AbortSignal): Shared {
  const listeners = new Set<Listener>();
  const tell = (): void => {
    // As it is now: one that another has unsubscribed is not told.
    for (const listener of listeners) listener();
  };
  const shared = { listeners, tell };
  sharedBy.set(signal, shared);
  signal.addEventListener('abort', tell, { once: true });
  return shared;
}
