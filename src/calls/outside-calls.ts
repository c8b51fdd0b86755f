import { AsyncResource } from 'node:async_hooks';

// A test runner would take it for something left open.
const resource = new AsyncResource('offloop').emitDestroy();

/**
 * Runs `fn` in the async context of no call: workers and timers that outlast the call which they are made for would
 * keep what its context holds, such as the request of a server.
 */
export const outsideCalls = <R>(fn: () => R): R => resource.runInAsyncScope(fn);
