import { clearInterval, setInterval } from '../calls/clock';

/** How often those who wait look whether the thread that they wait for still lives, in milliseconds. */
export const PATROL_MS = 50;

/** Someone who waits without blocking. */
export interface Waiting {
  patrol(): void;
}

const waiting = new Set<Waiting>();
let timer: NodeJS.Timeout | undefined;

/**
 * Looks after someone who waits: calls its `patrol` now and then, and keeps the loop alive meanwhile, which
 * `Atomics.waitAsync` does not do.
 */
export function beginPatrol(who: Waiting): void {
  waiting.add(who);
  timer ??= setInterval(() => {
    for (const each of waiting) each.patrol();
  }, PATROL_MS);
}

export function endPatrol(who: Waiting): void {
  waiting.delete(who);
  if (waiting.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}
