import workerThreads from 'node:worker_threads';

/** What is told that nobody will call it any more. */
interface Releasable {
  releaseWorkers(): void;
}

interface Realm {
  readonly global: WeakRef<object>;
  readonly pools: WeakRef<Releasable>[];
}

// Jest gives each test file a realm and modules of its own; what Node.js itself exports they share.
const realmKey = Symbol.for('offloop.realm');
const shared = workerThreads as { [realmKey]?: Realm };

/**
 * Releases the pools of the test files that this process has run before: Jest evaluates offloop anew for each,
 * and their workers would pile up until they had been idle for long enough. The pools of this file go on.
 */
export function releaseEarlierFiles(pool: Releasable): void {
  let realm = shared[realmKey];
  if (realm?.global.deref() !== globalThis) {
    for (const earlier of realm?.pools ?? []) earlier.deref()?.releaseWorkers();
    realm = shared[realmKey] = { global: new WeakRef(globalThis), pools: [] };
  }
  realm.pools.push(new WeakRef(pool));
}
