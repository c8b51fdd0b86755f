/** What the platform can do at best, written by hand for this purpose alone: no errors, no limits, no recovery. */
import { fork, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { serialize } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { Correlator, type Contender } from './contender';
import { readFrames } from './pipe-frames';

const script = (name: string): string => join(__dirname, '..', 'workers', `${name}.js`);

export const postMessage: Contender = {
  load: async () => (count) => {
    const correlator = new Correlator();
    const threads = Array.from({ length: count }, () => new Worker(script('floor-thread')));
    for (const thread of threads)
      thread.on('message', (answer: [number, unknown]) => correlator.answer(answer));
    let next = 0;
    return {
      call: (name, argument) =>
        correlator.add((id) => threads[next++ % count].postMessage([id, name, argument])),
      close: () => Promise.all(threads.map((thread) => thread.terminate())),
    };
  },
};

export const batches: Contender = {
  load: async () => (count) => {
    const correlator = new Correlator();
    const threads = Array.from({ length: count }, () => new Worker(script('floor-thread')));
    for (const thread of threads) {
      thread.on('message', (answers: [number, unknown][]) => {
        for (const answer of answers) correlator.answer(answer);
      });
    }
    let next = 0;
    let batch: unknown[] = [];
    const flush = (): void => {
      if (batch.length > 0) threads[next++ % count].postMessage(batch);
      batch = [];
    };
    return {
      call: (name, argument) =>
        correlator.add((id) => {
          if (batch.length === 0) queueMicrotask(flush);
          if (batch.push([id, name, argument]) === 100) flush();
        }),
      close: () => Promise.all(threads.map((thread) => thread.terminate())),
    };
  },
};

/** One call in flight only, without arguments. */
export const atomics: Contender = {
  load: async () => () => {
    const state = new Int32Array(new SharedArrayBuffer(4));
    const thread = new Worker(script('floor-thread'), { workerData: state.buffer });
    return {
      call: async () => {
        Atomics.store(state, 0, 1);
        Atomics.notify(state, 0);
        for (let held = 1; held === 1; held = Atomics.load(state, 0)) {
          const waiting = Atomics.waitAsync(state, 0, 1);
          if (waiting.async) await waiting.value;
        }
        Atomics.store(state, 0, 0);
        Atomics.notify(state, 0);
      },
      close: () => thread.terminate(),
    };
  },
};

export const forked: Contender = {
  load: async () => (count) => {
    const correlator = new Correlator();
    const children = Array.from({ length: count }, () =>
      fork(script('floor-fork'), { serialization: 'advanced' }),
    );
    for (const child of children)
      child.on('message', (answer) => correlator.answer(answer as [number, unknown]));
    let next = 0;
    return {
      call: (name, argument) =>
        correlator.add((id) => children[next++ % count].send([id, name, argument] as never)),
      close: () => children.forEach((child) => child.kill()),
    };
  },
};

export const pipes: Contender = {
  load: async () => (count) => {
    const correlator = new Correlator();
    const batches: unknown[][] = [];
    const children = Array.from({ length: count }, () =>
      spawn(process.execPath, [script('floor-pipe')], { stdio: ['ignore', 'inherit', 'inherit', 'pipe'] }),
    );
    const ends = children.map((child) => (child.stdio as unknown as Duplex[])[3]);
    for (const end of ends) {
      batches.push([]);
      readFrames(end, (answers) =>
        answers.forEach((answer) => correlator.answer(answer as [number, unknown])),
      );
    }
    const flush = (index: number): void => {
      const body = serialize(batches[index]);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(body.length);
      ends[index].write(Buffer.concat([length, body]));
      batches[index] = [];
    };
    let next = 0;
    return {
      call: (name, argument) =>
        correlator.add((id) => {
          const index = next++ % count;
          if (batches[index].push([id, name, argument]) === 1) queueMicrotask(() => flush(index));
        }),
      close: () => children.forEach((child) => child.kill()),
    };
  },
};
