import '../calls/dispose-symbols';

/**
 * Releases what was acquired, once: further calls do nothing. It belongs to the thread that acquired.
 *
 * @example
 * using held = lock.acquireSync();          // released at the end of the block
 * await using held = await lock.acquire();
 */
export interface Releaser {
  (): void;
  /**
   * True when the holder before this one died while it held the lock or permit: what it guards may be half
   * changed. Only the next holder is told.
   */
  readonly abandoned: boolean;
  [Symbol.dispose](): void;
  [Symbol.asyncDispose](): Promise<void>;
}

export function makeReleaser(abandoned: boolean, release: () => void): Releaser {
  let isHeld = true;
  const releaseOnce = (): void => {
    if (!isHeld) return;
    isHeld = false;
    release();
  };
  return Object.assign(releaseOnce, {
    abandoned,
    [Symbol.dispose]: releaseOnce,
    [Symbol.asyncDispose]: (): Promise<void> => {
      releaseOnce();
      return Promise.resolve();
    },
  });
}
