/**
 * Time and microtasks that the fake timers of a test do not stop: they replace the globals, and the methods
 * of `performance`, after this module was loaded. Timers come from `node:timers` for the same reason.
 */
import { performance } from 'node:perf_hooks';

/** Milliseconds, as of `performance.now()`. */
export const now: () => number = performance.now.bind(performance);

const resolved = Promise.resolve();

/** Calls `fn` when the present job is done, before the loop turns. */
function microtask(fn: () => void): void {
  void resolved.then(fn);
}

/** For modules that have a `now` of their own. */
export const clock = { now, microtask };
