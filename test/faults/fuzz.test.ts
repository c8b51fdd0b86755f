import 'reflect-metadata';
import { once } from 'node:events';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { MessageChannel, Worker } from 'node:worker_threads';
import { execArgv, makeProcesses } from '../support/executors';
import { endExecutors, use } from './support';
import {
  callFrame,
  entries,
  framed,
  framedWith,
  Kind,
  makeLane,
  SMALL_CALLS,
  SMALL_OUTCOME,
  toBytes,
  WITH_PARTS,
  WireWorker,
  type Forged,
} from './wire';
import { Target } from './wire-services';

afterEach(endExecutors);

/** The same random numbers in every run (mulberry32), so that a failure can be looked into. */
function makeRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) % below;
  };
}

const random = makeRandom(20_240_601);
const randomBytes = (length: number): Buffer => Buffer.from(Array.from({ length }, () => random(256)));

const allowed: Forged = {
  module: require.resolve('./wire-services'),
  className: 'Target',
  ordinal: 0,
  sources: [1],
  kind: 'static',
  method: 'allowed',
};

/** A copy with a few bytes that differ. */
function mutated(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  for (let count = 1 + random(4); count > 0; count--) copy[random(copy.length)] = random(256);
  return copy;
}

/** A frame with a few items that differ. */
function mutatedFrame(frame: unknown[]): unknown[] {
  const odd = [
    undefined,
    null,
    -1,
    NaN,
    2 ** 31,
    'x',
    '__proto__',
    [],
    {},
    [[]],
    [[['a'], 'url']],
    new Map(),
    1n,
  ];
  const copy = [...frame];
  for (let count = 1 + random(3); count > 0; count--) copy[random(copy.length + 1)] = odd[random(odd.length)];
  return copy;
}

/** What says that the array beside it is the result, of some kind and of some number. */
function smallOutcome(id: number, kind: number, index: number): Buffer {
  const [smallInt, builtIn, beside] = [4, 12, 26];
  const words = [
    SMALL_OUTCOME,
    id,
    0,
    (beside << 4) | builtIn,
    (kind << 4) | smallInt,
    (index << 4) | smallInt,
  ];
  return Buffer.from(Int32Array.from(words).buffer);
}

const sample = (id: number): unknown[] =>
  callFrame(id, allowed, [{ a: [1, 'x'] }], [[[0], 'null-prototype']], undefined) as unknown[];

it('random bytes end a worker process, or are ignored by it, and never hang it', async () => {
  for (let round = 0; round < 15; round++) {
    const worker = new WireWorker();
    const bytes = randomBytes(1 + random(4_000));
    // As they are, as a frame, and as a frame of small calls, with an array beside it or without.
    const small = Buffer.concat([Buffer.from([SMALL_CALLS, 0, 0, 0]), bytes]);
    const part = randomBytes(1 + random(100));
    const frames = [bytes, framed(bytes), framed(small), framedWith(part, small), framedWith(part, bytes)];
    worker.write(frames[round % 5]);
    await worker.close();
    expect([...worker.outcomes.values()].filter(({ status }) => status === 0)).toEqual([]);
  }
});

it('mutated frames end a worker process or are refused, and never hang it or run anything else', async () => {
  let worker = new WireWorker();
  let sent = 0;
  for (let id = 1; id <= 400; id++) {
    if (worker.hasExited) worker = new WireWorker();
    worker.write(id % 2 === 0 ? framed(mutated(serialize(sample(id)))) : toBytes(mutatedFrame(sample(id))));
    sent++;
    if (id % 20 > 0) continue;
    // Whatever it made of them, it answers a good call, or has ended.
    worker.send(callFrame(10_000 + id, allowed));
    await worker.outcome(10_000 + id);
  }
  await worker.close();
  expect(sent).toBe(400);
});

it('mutated frames end a worker thread or are refused, and never hang it or harm its parent', async () => {
  const source = `
    const { parentPort, workerData } = require('node:worker_threads');
    require(workerData).default;
    parentPort.once('message', (start) => require(workerData).default(start));`;
  for (let round = 0; round < 8; round++) {
    const thread = new Worker(source, {
      eval: true,
      workerData: join(entries, 'thread-entry.js'),
      execArgv: [...execArgv],
      stderr: true,
    });
    const errors: unknown[] = [];
    thread.on('error', (error) => errors.push(error));
    const exited = once(thread, 'exit').catch(() => undefined);
    const { port1, port2 } = new MessageChannel();
    const { memory, announce } = makeLane();
    const settings = { setup: undefined, loader: undefined, underTest: true };
    thread.postMessage({ port: port2, memory, settings }, [port2]);
    for (let id = 1; id <= 40; id++) port1.postMessage(mutatedFrame(sample(id)));
    announce(40);
    port1.postMessage([Kind.close]);
    await exited;
    port1.close();
  }
});

it('mutated answers cost the call that made them, and never hang or crash the executor', async () => {
  use(makeProcesses({ maxWorkers: 2 }));
  const outcome = [Kind.outcome, 1, 0, { a: 1 }, [[['a'], 'url']]];
  let settled = 0;
  for (let round = 0; round < 60; round++) {
    const frame = round % 5 === 0 ? [Kind.ready + random(6), 1, true] : mutatedFrame(outcome);
    const bytes = [
      (): Buffer => randomBytes(1 + random(200)),
      (): Buffer => framed(mutated(serialize(outcome))),
      (): Buffer => toBytes(frame),
      (): Buffer => framedWith(randomBytes(8), smallOutcome(1, random(64), random(3))),
    ][random(4)]();
    const [forged] = await Promise.allSettled([Target.forge(bytes)]);
    expect(['fulfilled', 'rejected']).toContain(forged.status);
    settled++;
    await expect(Target.allowed(round)).resolves.toEqual(expect.anything());
  }
  expect(settled).toBe(60);
});

it.each([[[]], [[0]], [[5_000, 0]]])(
  'a frame beside which no bytes come, of %j, costs the call that wrote it',
  async (lengths) => {
    use(makeProcesses({ maxWorkers: 1 }));
    const body = Buffer.alloc(5 + 8 * lengths.length);
    body.writeUInt8(WITH_PARTS, 0);
    body.writeUInt32LE(lengths.length, 1);
    lengths.forEach((length, index) => body.writeDoubleLE(length, 5 + 8 * index));
    const bytes = Buffer.concat([framed(body), ...lengths.map((length) => Buffer.alloc(length))]);
    await expect(Target.forge(bytes)).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_WORKER_LOST',
      message: expect.stringContaining('has no bytes') as string,
    });
    await expect(Target.allowed()).resolves.toBe('allowed undefined');
  },
);
