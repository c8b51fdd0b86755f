import type { Contender } from './contender';

/** Every contender by name; each is loaded in a process of its own. */
export const contenders: Readonly<Record<string, () => Promise<Contender>>> = {
  'offloop, threads': async () => (await import('./offloop.js')).threads,
  'offloop, processes': async () => (await import('./offloop.js')).processes,
  'offloop, inline': async () => (await import('./offloop.js')).inline,
  piscina: async () => (await import('./peers.js')).piscina,
  'tinypool, threads': async () => (await import('./peers.js')).tinypoolThreads,
  'tinypool, child_process': async () => (await import('./peers.js')).tinypoolProcesses,
  'workerpool, threads': async () => (await import('./peers.js')).workerpoolThreads,
  'workerpool, processes': async () => (await import('./peers.js')).workerpoolProcesses,
  'poolifier, threads': async () => (await import('./peers.js')).poolifierThreads,
  'poolifier, cluster': async () => (await import('./peers.js')).poolifierCluster,
  'jest-worker, threads': async () => (await import('./peers.js')).jestWorkerThreads,
  'jest-worker, processes': async () => (await import('./peers.js')).jestWorkerProcesses,
  comlink: async () => (await import('./peers.js')).comlink,
  'floor: postMessage': async () => (await import('./floors.js')).postMessage,
  'floor: 100 calls a message': async () => (await import('./floors.js')).batches,
  'floor: Atomics.wait': async () => (await import('./floors.js')).atomics,
  'floor: fork (advanced)': async () => (await import('./floors.js')).forked,
  'floor: coalesced pipe': async () => (await import('./floors.js')).pipes,
};
