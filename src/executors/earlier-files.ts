import workerThreads from 'node:worker_threads';

/** What is told that nobody will call it any more. */
interface Releasable {
  releaseWorkers(): void;
}

interface Latest {
  readonly evaluation: WeakRef<object>;
  readonly pools: WeakRef<Releasable>[];
}

// Jest gives each test file a realm and modules of its own; what Node.js itself exports they share.
const latestKey = Symbol.for('offloop.evaluation');
const shared = workerThreads as { [latestKey]?: Latest };
const evaluation = {};

/**
 * Releases the pools of earlier test files and tests: Jest evaluates offloop anew for each file, and whenever its
 * modules are reset, and their workers would pile up until they had been idle for long enough. A pool that is still
 * called starts others.
 */
export function releaseEarlierFiles(pool: Releasable): void {
  let latest = shared[latestKey];
  if (latest?.evaluation.deref() !== evaluation) {
    for (const earlier of latest?.pools ?? []) earlier.deref()?.releaseWorkers();
    latest = shared[latestKey] = { evaluation: new WeakRef(evaluation), pools: [] };
  }
  latest.pools.push(new WeakRef(pool));
}
