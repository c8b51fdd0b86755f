import workerThreads from 'node:worker_threads';

interface Releasable {
  releaseWorkers(): void;
}

/** The pools of this evaluation of the package. */
const pools: WeakRef<Releasable>[] = [];

// Jest gives each test file a realm and modules of its own; what Node.js itself exports they share.
const latestKey = Symbol.for('offloop.pools');
const shared = workerThreads as { [latestKey]?: WeakRef<typeof pools> };

/**
 * Releases the pools of earlier test files and tests: Jest evaluates offloop anew for each file, and whenever its
 * modules are reset, and their workers would pile up until they had been idle for long enough. A pool that is still
 * called starts others.
 */
export function releaseEarlierFiles(pool: Releasable): void {
  const latest = shared[latestKey]?.deref();
  if (latest !== pools) {
    for (const earlier of latest ?? []) earlier.deref()?.releaseWorkers();
    shared[latestKey] = new WeakRef(pools);
  }
  pools.push(new WeakRef(pool));
}
