/**
 * Time, timers and microtasks that the fake timers of a test do not stop: they replace the globals, the methods of
 * `performance`, and some of them the exports of `node:timers`, after this module was loaded.
 */
import { performance } from 'node:perf_hooks';
import timers from 'node:timers';

export const { clearInterval, clearTimeout, setImmediate, setInterval, setTimeout } = timers;

/** Milliseconds, as of `performance.now()`. */
export const now: () => number = performance.now.bind(performance);

const resolved = Promise.resolve();

/** Calls `fn` when the present job is done, before the loop turns. */
function microtask(fn: () => void): void {
  void resolved.then(fn);
}

/** For modules that have a `now` of their own. */
export const clock = { now, microtask };
