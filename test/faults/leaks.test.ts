import 'reflect-metadata';
import { kinds } from '../support/executors';
import { runScript } from '../support/run-script';
import { Faulty } from './services';
import { endExecutors, isAlive, until, use } from './support';

afterEach(endExecutors);

describe.each(kinds)('in %s', (kind, make) => {
  it('100,000 calls leave heap, handles and listeners as they were, and what they carried is collected', async () => {
    const { stdout, stderr, code } = await runScript('test/faults/leak-script.mjs', {
      nodeArgs: ['--expose-gc'],
      args: [kind, '100000'],
    });
    expect([stderr, code]).toEqual(['', 0]);
    const { before, after, collected } = JSON.parse(stdout) as Record<'before' | 'after', Usage> & {
      collected: number;
    };
    expect(after.heapMb).toBeLessThan(before.heapMb + 2);
    expect(after.handles).toEqual(before.handles);
    expect(after.listeners).toBe(before.listeners);
    // The engine may keep the last one of each kind on its stack.
    expect(collected).toBeGreaterThanOrEqual(196);
  });

  it('receivers that are gone are not held where they are large, and leave those that come later their numbers', async () => {
    const { stdout, stderr, code } = await runScript('test/faults/receivers-script.mjs', {
      nodeArgs: ['--expose-gc', '--no-warnings'],
      args: [kind],
    });
    expect([stderr, code]).toEqual(['', 0]);
    const { heldMb, mixedUp, told } = JSON.parse(stdout) as Record<string, unknown>;
    // They had 100 MB.
    for (const heap of heldMb as number[]) expect(heap).toBeLessThan(30);
    expect(mixedUp).toBe(0);
    expect(told).toEqual([true, true, false, false, false]);
  });

  it('a worker does not keep the async context of the call that it was started for', async () => {
    const { stdout, stderr, code } = await runScript('test/faults/context-script.mjs', {
      nodeArgs: ['--expose-gc'],
      args: [kind],
    });
    expect([stderr, code]).toEqual(['', 0]);
    // The engine may keep the last one on its stack.
    expect((JSON.parse(stdout) as number[]).filter((index) => index < 5)).toEqual([]);
  });

  it('an executor that was shut down is collected, however its workers have ended', async () => {
    const { stdout, stderr, code } = await runScript('test/faults/ended-script.mjs', {
      nodeArgs: ['--expose-gc'],
      args: [kind],
    });
    expect([stderr, code]).toEqual(['', 0]);
    const held = JSON.parse(stdout) as Record<string, number>;
    // The engine may keep the last one on its stack.
    for (const count of Object.values(held)) expect(count).toBeLessThanOrEqual(1);
  });

  it('maxCallsPerWorker replaces each worker after exactly so many calls, with a backlog', async () => {
    use(make({ maxWorkers: 2, maxCallsPerWorker: 25 }));
    const places = await Promise.all(Array.from({ length: 200 }, () => Faulty.place()));
    const counts = new Map<string, number>();
    for (const { pid, thread } of places) {
      const place = `${pid}/${thread}`;
      counts.set(place, (counts.get(place) ?? 0) + 1);
    }
    expect(Math.max(...counts.values())).toBe(25);
    // All but the last ones have run as many as they may.
    expect([...counts.values()].filter((count) => count < 25).length).toBeLessThanOrEqual(2);
  });

  it('idle workers end, down to minWorkers', async () => {
    const executor = use(make({ minWorkers: 1, maxWorkers: 3, idleTimeoutMs: 50 }));
    await Promise.all([Faulty.block(400), Faulty.block(400), Faulty.block(400), Faulty.block(400)]);
    await until(() => executor.statistics().workers === 1, 'the others end');
    if (kind === 'threads') return;
    const { pid } = await Faulty.place();
    expect(isAlive(pid)).toBe(true);
  });

  it('minWorkers stay where the time of all idle workers is over at once', async () => {
    const executor = use(make({ minWorkers: 1, maxWorkers: 3, idleTimeoutMs: 2_000 }));
    const block = (): Promise<unknown> =>
      Promise.all([Faulty.block(400), Faulty.block(400), Faulty.block(400)]);
    // A worker may take longer to start than two others need for all calls.
    do await block();
    while (executor.statistics().idle < 3);
    // A loop that is held up runs their timers in one turn.
    for (const end = Date.now() + 2_200; Date.now() < end;);
    await until(() => executor.statistics().workers <= 1, 'the others end');
    expect(executor.statistics()).toMatchObject({ workers: 1, idle: 1 });
  });

  it('lost workers are back, up to minWorkers, with the next call', async () => {
    const executor = use(make({ minWorkers: 2, maxWorkers: 3 }));
    await Faulty.echo(1);
    await expect(Faulty.crash('process.exit')).rejects.toMatchObject({ code: 'ERR_OFFLOOP_WORKER_LOST' });
    await Faulty.echo(2);
    await until(() => executor.statistics().workers === 2, 'another worker starts');
  });
});

interface Usage {
  readonly heapMb: number;
  readonly handles: Record<string, number>;
  readonly listeners: number;
}
