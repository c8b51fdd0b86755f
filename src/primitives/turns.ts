import { setImmediate } from '../calls/clock';
import { isTurnDue as isTimeOver } from '../calls/turn';

/** The clock is read only so often. */
const STEPS = 64;

let steps = 0;

/** Lets the loop turn once. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * True when this thread has gone on for long enough from one resolved promise to the next: where there is always
 * something to be had, nobody else would be served.
 */
export function isTurnDue(): boolean {
  return ++steps % STEPS === 0 && isTimeOver();
}
