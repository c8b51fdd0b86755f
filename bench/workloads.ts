import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { OpenContender } from './contenders/contender';
import type { TaskName } from './workers/tasks';

/** What one measuring process reports: figures by name, all of them better when smaller. */
export type Metrics = Record<string, number>;

export interface Workload {
  /** Measures a contender from its making on; the others get it warm. */
  readonly cold?: boolean;
  readonly workers?: number;
  readonly collectsGarbage?: boolean;
  run(open: () => OpenContender, full: boolean): Promise<Metrics>;
}

type TaskCall = [TaskName, unknown?];

/** Makes `count` calls with so many in flight. */
async function flood(
  pool: OpenContender,
  count: number,
  inFlight: number,
  call: (index: number) => TaskCall,
): Promise<void> {
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < count) await pool.call(...call(next++));
  };
  await Promise.all(Array.from({ length: Math.min(inFlight, count) }, one));
}

/** The longest that a 1 ms ticker is late while `fn` runs, in milliseconds. */
async function lateness(fn: () => Promise<unknown>, period = 1): Promise<number> {
  let last = performance.now();
  let worst = 0;
  const ticker = setInterval(() => {
    const now = performance.now();
    worst = Math.max(worst, now - last - period);
    last = now;
  }, period);
  await fn();
  worst = Math.max(worst, performance.now() - last - period);
  clearInterval(ticker);
  return worst;
}

async function time(fn: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await fn();
  return performance.now() - begin;
}

/** How long a contender makes calls before it is measured, in milliseconds: just started, or warm. */
const WARM_UP_MS = { short: 150, full: 1_500 };

/**
 * All get the same time, not the same number of calls: fewer calls would leave the fast ones colder. It begins with
 * the first answer: how long the first worker takes to start is measured on its own.
 */
async function warmUp(pool: OpenContender, call: TaskCall, inFlight: number, full: boolean): Promise<void> {
  await pool.call(...call);
  const end = performance.now() + WARM_UP_MS[full ? 'full' : 'short'];
  const one = async (): Promise<void> => {
    while (performance.now() < end) await pool.call(...call);
  };
  await Promise.all(Array.from({ length: inFlight }, one));
}

/** Measures a contender that has made calls such as those that are measured. */
const warm =
  (
    call: TaskCall,
    inFlight: number,
    run: (pool: OpenContender, full: boolean) => Promise<Metrics>,
  ): Workload['run'] =>
  async (open, full) => {
    const pool = open();
    await warmUp(pool, call, inFlight, full);
    return run(pool, full);
  };

/** So many times there and back, two at a time. */
const echoing = (make: () => unknown, count: number): Workload => ({
  run: (open, full) => {
    const call: TaskCall = ['echo', make()];
    const echo = warm(call, 2, async (pool) => ({ ms: await time(() => flood(pool, count, 2, () => call)) }));
    return echo(open, full);
  },
});

const working = (microseconds: number, count: number): Workload => ({
  run: warm(['work', microseconds], 64, async (pool) => ({
    ms: await time(() => flood(pool, count, 64, () => ['work', microseconds])),
  })),
});

const buffers = (bytes: number, count: number): Workload => echoing(() => Buffer.alloc(bytes, 7), count);

const rssMb = (pid: number): number => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
};

export const workloads: Readonly<Record<string, Workload>> = {
  'one in flight': {
    run: warm(['noop'], 1, async (pool, full) => {
      const count = full ? 5_000 : 2_000;
      const ms = await time(() => flood(pool, count, 1, () => ['noop']));
      return { us: (ms * 1_000) / count };
    }),
  },
  burst: {
    run: warm(['noop'], 1_000, async (pool, full) => {
      const count = full ? 20_000 : 10_000;
      let ms = 0;
      const late = await lateness(async () => {
        ms = await time(() => flood(pool, count, 1_000, () => ['noop']));
      });
      return { ms, late };
    }),
  },
  'work of 10 us': working(10, 5_000),
  'work of 100 us': working(100, 2_000),
  'work of 1 ms': working(1_000, 400),
  'one long call among short ones': {
    run: warm(['work', 5], 256, async (pool) => {
      const held: number[] = [];
      let next = 0;
      const one = async (): Promise<void> => {
        while (next < 6_000) {
          const index = next++;
          const begin = performance.now();
          await (index === 1_000 ? pool.call('work', 300_000) : pool.call('work', 5));
          if (index !== 1_000) held.push(performance.now() - begin);
        }
      };
      await Promise.all(Array.from({ length: 256 }, one));
      held.sort((left, right) => left - right);
      return { p99: held[Math.floor(held.length * 0.99)], longest: held[held.length - 1] };
    }),
  },
  'Buffer of 1 MB': buffers(1024 * 1024, 60),
  'Buffer of 16 MB': buffers(16 * 1024 * 1024, 8),
  'nested object of 2 MB': echoing(
    () =>
      Array.from({ length: 9_000 }, (_, id) => ({
        id,
        name: `row ${id}`,
        tags: ['a', 'b', `tag ${id % 17}`],
        nested: { price: id * 1.5, on: id % 2 === 0, text: 'x'.repeat(60) },
      })),
    8,
  ),
  'cold start': {
    cold: true,
    workers: 1,
    run: async (open) => ({ ms: await time(() => open().call('noop')) }),
  },
  'memory per idle worker': {
    cold: true,
    collectsGarbage: true,
    workers: 4,
    run: async (open) => {
      globalThis.gc?.();
      const before = rssMb(process.pid);
      const pool = open();
      const pids = new Set<number>();
      // Blocked workers take no second call, so that all of them start.
      for (let round = 0; round < 3; round++) {
        await Promise.all(Array.from({ length: 12 }, () => pool.call('block', 60)));
      }
      for (let round = 0; round < 5; round++) {
        for (const pid of await Promise.all(Array.from({ length: 40 }, () => pool.call('place')))) {
          pids.add(pid as number);
        }
      }
      await delay(300);
      pids.delete(process.pid);
      const children = [...pids].map(rssMb);
      const mb =
        children.length > 0
          ? children.reduce((sum, one) => sum + one, 0) / children.length
          : (rssMb(process.pid) - before) / 4;
      return { mb };
    },
  },
  'blocking calls': {
    run: warm(['noop'], 100, async (pool) => {
      await Promise.all([pool.call('block', 50), pool.call('block', 50), pool.call('block', 50)]);
      let ms = 0;
      const late = await lateness(async () => {
        ms = await time(() => Promise.all(Array.from({ length: 8 }, () => pool.call('block', 300))));
      }, 10);
      return { ms, late };
    }),
  },
  'overhead of the decorator': {
    run: async (open) => {
      const pool = open();
      await flood(pool, 50_000, 1, () => ['noop']);
      const count = 200_000;
      const ms = await time(() => flood(pool, count, 1, () => ['noop']));
      const plain = async (): Promise<void> => undefined;
      const bare = await time(async () => {
        for (let index = 0; index < count; index++) await plain();
      });
      return { us: ((ms - bare) * 1_000) / count };
    },
  },
};
