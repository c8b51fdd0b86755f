import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Contender } from './contender';

const workers = join(__dirname, '..', 'workers');
const tasksFile = join(workers, 'tasks.js');

export const piscina: Contender = {
  load: async () => {
    const { Piscina } = await import('piscina');
    return (count) => {
      const pool = new Piscina({ filename: tasksFile, minThreads: count, maxThreads: count });
      return { call: (name, argument) => pool.run(argument, { name }), close: () => pool.destroy() };
    };
  },
};

const tinypoolOf = (runtime: 'worker_threads' | 'child_process'): Contender => ({
  load: async () => {
    const { Tinypool } = await import('tinypool');
    return (count) => {
      const pool = new Tinypool({
        filename: pathToFileURL(tasksFile).href,
        minThreads: count,
        maxThreads: count,
        runtime,
      });
      return { call: (name, argument) => pool.run(argument, { name }), close: () => pool.destroy() };
    };
  },
});
export const tinypoolThreads = tinypoolOf('worker_threads');
export const tinypoolProcesses = tinypoolOf('child_process');

const workerpoolOf = (workerType: 'thread' | 'process'): Contender => ({
  load: async () => {
    const { pool: makePool } = await import('workerpool');
    return (count) => {
      const pool = makePool(join(workers, 'workerpool.js'), {
        workerType,
        maxWorkers: count,
        minWorkers: count,
      });
      return {
        call: (name, argument) => pool.exec(name, [argument]) as unknown as Promise<unknown>,
        close: () => pool.terminate() as unknown as Promise<unknown>,
      };
    };
  },
});
export const workerpoolThreads = workerpoolOf('thread');
export const workerpoolProcesses = workerpoolOf('process');

export const poolifierThreads: Contender = {
  load: async () => {
    const { FixedThreadPool } = await import('poolifier');
    return (count) => {
      const pool = new FixedThreadPool(count, join(workers, 'poolifier-thread.js'));
      return { call: (name, argument) => pool.execute(argument as never, name), close: () => pool.destroy() };
    };
  },
};
export const poolifierCluster: Contender = {
  load: async () => {
    const { FixedClusterPool } = await import('poolifier');
    return (count) => {
      const pool = new FixedClusterPool(count, join(workers, 'poolifier-cluster.js'), {
        settings: { serialization: 'advanced' },
      });
      return { call: (name, argument) => pool.execute(argument as never, name), close: () => pool.destroy() };
    };
  },
};

const jestWorkerOf = (enableWorkerThreads: boolean): Contender => ({
  load: async () => {
    const { Worker } = await import('jest-worker');
    return (count) => {
      const pool = new Worker(tasksFile, {
        numWorkers: count,
        enableWorkerThreads,
        exposedMethods: ['noop', 'work', 'block', 'echo', 'place'],
        forkOptions: { serialization: 'advanced' },
      }) as unknown as Record<string, (argument: unknown) => Promise<unknown>>;
      return { call: (name, argument) => pool[name](argument), close: () => pool.end(undefined) };
    };
  },
});
export const jestWorkerThreads = jestWorkerOf(true);
export const jestWorkerProcesses = jestWorkerOf(false);

export const comlink: Contender = {
  load: async () => {
    const { wrap } = await import('comlink');
    const { Worker } = await import('node:worker_threads');
    const { endpointOf } = await import('../workers/comlink.js');
    return (count) => {
      const threads = Array.from({ length: count }, () => new Worker(join(workers, 'comlink.js')));
      const remotes = threads.map(
        (thread) =>
          wrap(endpointOf(thread as never) as never) as unknown as Record<
            string,
            (argument: unknown) => Promise<unknown>
          >,
      );
      let next = 0;
      return {
        call: (name, argument) => remotes[next++ % count][name](argument),
        close: () => Promise.all(threads.map((thread) => thread.terminate())),
      };
    };
  },
};
