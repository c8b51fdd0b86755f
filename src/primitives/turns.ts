import { now, setImmediate } from '../calls/clock';

/** How long one may go on without a turn of the loop, in milliseconds; `@Cooperative` has the same. */
const BUDGET_MS = 8;
/** The clock is read only so often. */
const STEPS = 64;

let steps = 0;
let since: number | undefined;

/** Lets the loop turn once. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * True when this thread has gone on for long enough from one resolved promise to the next: where there is always
 * something to be had, nobody else would be served.
 */
export function isTurnDue(): boolean {
  if (++steps % STEPS !== 0) return false;
  if (since === undefined) {
    since = now();
    setImmediate(() => (since = undefined));
    return false;
  }
  return now() - since > BUDGET_MS;
}
