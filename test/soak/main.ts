/**
 * Mixed calls for a bounded time, one in a hundred of which crashes, hangs or is aborted: each must settle
 * exactly once with the right outcome, and memory stay flat.
 *
 *   npm run soak -- --seconds 60
 */
import 'reflect-metadata';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { ProcessExecutor, registerExecutor, ThreadExecutor, type Executor } from 'offloop';
import { EXECUTOR, Soaked } from './services';

const IN_FLIGHT = 64;
const service = new Soaked();

/** A kind of call: how to make it, and whether what came of it is right. */
interface Kind {
  /** Out of 10,000 calls, how many are of this kind. */
  readonly weight: number;
  call(id: number): Promise<unknown>;
  isRight(id: number, outcome: PromiseSettledResult<unknown>): boolean;
}

const item = (id: number) => ({ id, text: 'x'.repeat(id % 300) });
const fulfilledWith =
  (expected: (id: number) => unknown) =>
  (id: number, outcome: PromiseSettledResult<unknown>): boolean =>
    outcome.status === 'fulfilled' && isDeepStrictEqual(outcome.value, expected(id));
const rejectedWith =
  (field: 'code' | 'message', expected: (id: number) => string) =>
  (id: number, outcome: PromiseSettledResult<unknown>): boolean =>
    outcome.status === 'rejected' &&
    (outcome.reason as Record<string, unknown> | undefined)?.[field] === expected(id);
const aborted = (call: (signal: AbortSignal) => Promise<unknown>) => (id: number) => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error(`abort ${id}`)), id % 40);
  return call(controller.signal);
};
const lost = rejectedWith('code', () => 'ERR_OFFLOOP_WORKER_LOST');

const kinds: Record<string, Kind> = {
  value: { weight: 6_000, call: (id) => service.value(item(id)), isRight: fulfilledWith(item) },
  'after a timer': {
    weight: 500,
    call: (id) => service.later(item(id), id % 5),
    isRight: fulfilledWith(item),
  },
  computed: {
    weight: 2_500,
    call: (id) => service.computed(item(id), id % 100_000),
    isRight: fulfilledWith(item),
  },
  bytes: {
    weight: 400,
    call: (id) => service.bytes(id % 100_000),
    isRight: fulfilledWith((id) => Buffer.alloc(id % 100_000, (id % 100_000) % 251)),
  },
  error: {
    weight: 500,
    call: (id) => service.error(id),
    isRight: rejectedWith('message', (id) => `error ${id}`),
  },
  crash: { weight: 20, call: () => service.crash(), isRight: lost },
  'crash in the background': { weight: 20, call: () => service.crashInBackground(), isRight: lost },
  hang: {
    weight: 20,
    call: () => service.hang(),
    isRight: rejectedWith('code', () => 'ERR_OFFLOOP_CALL_TIMEOUT'),
  },
  'aborted, deaf': {
    weight: 20,
    call: aborted((signal) => service.deaf(signal)),
    isRight: rejectedWith('message', (id) => `abort ${id}`),
  },
  'aborted, listening': {
    weight: 20,
    call: aborted((signal) => service.listening(signal)),
    isRight: rejectedWith('message', (id) => `abort ${id}`),
  },
};

const deck = Object.entries(kinds).flatMap(([name, { weight }]) => new Array<string>(weight).fill(name));

function heapMb(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1024 / 1024;
}

async function soak(name: string, executor: Executor, ms: number): Promise<boolean> {
  registerExecutor(EXECUTOR, { useValue: executor });
  const counts: Record<string, { submitted: number; fulfilled: number; rejected: number; wrong: number }> =
    {};
  for (const kind of Object.keys(kinds)) counts[kind] = { submitted: 0, fulfilled: 0, rejected: 0, wrong: 0 };
  const end = performance.now() + ms;
  const warmUntil = performance.now() + ms / 3;
  let warmMb: number | undefined;
  let next = 0;
  const one = async (): Promise<void> => {
    while (performance.now() < end) {
      const id = next++;
      const kind = deck[Math.floor(Math.random() * deck.length)];
      counts[kind].submitted++;
      const [outcome] = await Promise.allSettled([kinds[kind].call(id)]);
      counts[kind][outcome.status]++;
      if (!kinds[kind].isRight(id, outcome)) {
        if (counts[kind].wrong++ < 3) console.error('wrong:', kind, id, outcome);
      }
      if (warmMb === undefined && performance.now() > warmUntil) warmMb = heapMb();
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, one));
  const endMb = heapMb();
  await executor.shutdown();
  const { fulfilled, rejected } = executor.statistics();
  const totals = Object.values(counts);
  const sum = (field: keyof (typeof totals)[number]): number =>
    totals.reduce((total, row) => total + row[field], 0);
  console.log(`\n${name}: ${sum('submitted')} calls in ${ms / 1000} s`);
  console.table(counts);
  const flat = endMb < (warmMb ?? endMb) + 10;
  console.log(
    `heap after warm-up ${warmMb?.toFixed(1)} MB, at the end ${endMb.toFixed(1)} MB: ${flat ? 'flat' : 'GROWN'}`,
  );
  const settled = sum('submitted') === sum('fulfilled') + sum('rejected');
  const told = fulfilled === sum('fulfilled') && rejected === sum('rejected');
  console.log(
    `submitted = fulfilled + rejected: ${settled}; the executor's own count agrees: ${told}; wrong: ${sum('wrong')}`,
  );
  return flat && settled && told && sum('wrong') === 0;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { seconds: { type: 'string', default: '120' } } });
  const ms = (Number(values.seconds) * 1000) / 2;
  const right = [
    await soak('threads', new ThreadExecutor({ maxWorkers: 4 }), ms),
    await soak('processes', new ProcessExecutor({ maxWorkers: 3 }), ms),
  ];
  if (right.includes(false)) process.exitCode = 1;
}

void main();
