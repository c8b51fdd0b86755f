import { inspect } from 'node:util';
import { InvalidOptionError, NotCloneableError } from 'offloop';
import { DeadlockError, Event, Lock, Queue, Semaphore, WaitTimeoutError } from 'offloop/sync';
import { Locks, reached, sharedWords, Word } from './services';
import { operations, useThreads } from './support';

useThreads();

it('a wait that fails tells who waited, not only the timer that ended it', async () => {
  const full = new Queue<number>({ maxItems: 1 });
  full.putSync(1);
  const closed = new Queue<number>();
  setImmediate(() => closed.close());
  const taken = new Semaphore(1);
  taken.acquireSync();
  const brief = { timeoutMs: 1 };
  const waits = [
    () => taken.acquire(brief),
    () => new Event().wait(brief),
    () => new Queue<number>().get(brief),
    () => full.put(2, brief),
    () => full.put(3, { signal: AbortSignal.timeout(1) }),
    () => closed.get(),
  ];
  for (const wait of waits) {
    const whoWaits = async (): Promise<unknown> => await wait();
    const error = await whoWaits().catch((reason: Error) => reason);
    expect((error as Error).stack).toMatch(/whoWaits .*lock\.test\.ts/);
  }
});

describe('a lock', () => {
  it('has one holder at a time', async () => {
    const lock = new Lock();
    const release = await lock.acquire();
    expect([lock.locked, release.abandoned, lock.tryAcquire()]).toEqual([true, false, undefined]);
    let isSecond = false;
    const second = lock.acquire().then((held) => {
      isSecond = true;
      return held;
    });
    await new Promise(setImmediate);
    expect(isSecond).toBe(false);
    release();
    (await second)();
    expect(lock.locked).toBe(false);
  });

  it('is not released a second time by the same releaser', async () => {
    const lock = new Lock();
    const first = lock.acquireSync();
    first();
    const second = lock.acquireSync();
    first();
    expect(lock.locked).toBe(true);
    second();
  });

  it('is released at the end of a block', async () => {
    const lock = new Lock();
    {
      using held = lock.acquireSync();
      expect([lock.locked, held.abandoned]).toEqual([true, false]);
    }
    expect(lock.locked).toBe(false);
    {
      await using held = await lock.acquire();
      expect([lock.locked, held.abandoned]).toEqual([true, false]);
    }
    expect(lock.locked).toBe(false);
  });

  it('is released when what runs under it throws', async () => {
    const lock = new Lock();
    await expect(lock.run(() => Promise.reject(new RangeError('no')))).rejects.toThrow(RangeError);
    expect(() =>
      lock.runSync(() => {
        throw new RangeError('no');
      }),
    ).toThrow(RangeError);
    expect(await lock.run(async () => 7)).toBe(7);
    expect(lock.runSync(() => 8)).toBe(8);
    expect(lock.locked).toBe(false);
  });

  it('refuses a function in place that goes on after it has returned', async () => {
    const lock = new Lock();
    const body = jest.fn().mockRejectedValue(new RangeError('nobody listens'));
    expect(() => lock.runSync(() => body() as Promise<void>)).toThrow(InvalidOptionError);
    expect(() => lock.runSync(async () => 1)).toThrow(
      'Lock.runSync: the function returned a promise, and what it guards would go on after the release. ' +
        'Write: await lock.run(fn).',
    );
    expect(lock.locked).toBe(false);
    expect(() => new Semaphore(1).runSync(async () => 1)).toThrow('await semaphore.run(fn)');
  });

  it('serves its promises in their order', async () => {
    const lock = new Lock();
    const held = lock.acquireSync();
    const served: number[] = [];
    const all = Array.from({ length: 100 }, (_, index) => lock.run(() => void served.push(index)));
    held();
    await Promise.all(all);
    expect(served).toEqual(Array.from({ length: 100 }, (_, index) => index));
  });

  it('times out, and is no less usable', async () => {
    const lock = new Lock();
    const held = lock.acquireSync();
    await expect(lock.acquire({ timeoutMs: 20 })).rejects.toThrow(WaitTimeoutError);
    await expect(lock.acquire({ timeoutMs: 0 })).rejects.toMatchObject({ code: 'ERR_OFFLOOP_WAIT_TIMEOUT' });
    expect(() => lock.acquireSync({ timeoutMs: 0 })).toThrow(WaitTimeoutError);
    held();
    (await lock.acquire({ timeoutMs: 20 }))();
    expect(lock.locked).toBe(false);
  });

  it('gives up for an AbortSignal', async () => {
    const lock = new Lock();
    const reason = new Error('enough');
    await expect(lock.acquire({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const held = lock.acquireSync();
    const controller = new AbortController();
    const waiting = lock.acquire({ signal: controller.signal });
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    held();
    expect(lock.tryAcquire()).toBeDefined();
  });

  it('passes on a turn that came together with the abort', async () => {
    const lock = new Lock();
    for (let round = 0; round < 500; round++) {
      const held = lock.acquireSync();
      const controller = new AbortController();
      const first = lock.acquire({ signal: controller.signal });
      const second = lock.acquire();
      held();
      controller.abort();
      await expect(first).rejects.toThrow('abort');
      (await second)();
    }
    expect(lock.locked).toBe(false);
  });

  it('refuses to wait in place for its own thread', () => {
    const lock = new Lock();
    const held = lock.acquireSync();
    expect(() => lock.acquireSync()).toThrow(DeadlockError);
    held();
  });

  it('refuses wrong options and states', async () => {
    const lock = new Lock();
    await expect(lock.acquire({ timeout: 1 } as never)).rejects.toThrow("Did you mean 'timeoutMs'?");
    expect(() => lock.acquireSync({ signal: AbortSignal.abort() } as never)).toThrow("no option 'signal'");
    expect(() => Lock.fromPortable(new Event().toPortable())).toThrow('Lock.fromPortable: expected');
    expect(() => Lock.fromPortable({} as never)).toThrow('Lock.fromPortable: expected');
    // No whole number of words.
    const memory = new SharedArrayBuffer(3);
    expect(() => Lock.fromPortable({ memory })).toThrow('Lock.fromPortable: expected');
  });

  it('travels to a thread and back', async () => {
    const lock = new Lock();
    const back = await Locks.give(lock);
    expect(back).toBeInstanceOf(Lock);
    const held = back.acquireSync();
    expect(lock.locked).toBe(true);
    held();
    expect(lock.locked).toBe(false);
  });

  it('is printed without its memory, like the others', () => {
    const all = [new Lock(), new Semaphore(2), new Event(), new Queue()];
    expect(all.map((each) => inspect(each))).toEqual(['Lock {}', 'Semaphore {}', 'Event {}', 'Queue {}']);
    expect(JSON.stringify(all)).toBe('[{},{},{},{}]');
  });

  it('is refused by an executor of processes', async () => {
    await expect(Locks.inProcess(new Lock())).rejects.toThrow(NotCloneableError);
    await expect(Locks.inProcess({ lock: new Lock() })).rejects.toThrow(
      /Locks\.inProcess: arguments\[0\]\.lock is an instance of Lock, .*shared memory cannot leave its process: use an executor of threads/,
    );
  });

  it('is not waited for by the event loop', async () => {
    const lock = new Lock();
    const words = sharedWords();
    const done = new Event();
    const holder = Locks.holdUntil(lock, words, done);
    await reached(words, 1);
    let ticks = 0;
    const ticker = setInterval(() => ++ticks === 10 && done.set(), 1);
    (await lock.acquire())();
    clearInterval(ticker);
    expect(ticks).toBeGreaterThanOrEqual(10);
    await holder;
  });

  it('serves threads in the order in which they came', async () => {
    const lock = new Lock();
    for (let round = 0; round < 20; round++) {
      const words = sharedWords();
      const held = lock.acquireSync();
      const places: Promise<number>[] = [];
      for (const inPlace of [true, false, true]) {
        places.push(Locks.queueUp(lock, words, inPlace));
        await reached(words, places.length);
        // It is about to stand in line; the last one comes from here, when the line shows the others.
        while (waitersOf(lock) < places.length) await new Promise(setImmediate);
      }
      const mine = lock.run(() => Atomics.add(words, Word.counter, 1));
      held();
      expect(await Promise.all([...places, mine])).toEqual([0, 1, 2, 3]);
    }
  });

  it('serves all promises of a thread before who came after them from another', async () => {
    const lock = new Lock();
    for (let round = 0; round < 20; round++) {
      const words = sharedWords();
      const held = lock.acquireSync();
      const place = (): number => Atomics.add(words, Word.counter, 1);
      const mine = [1, 2, 3].map(() => lock.run(place));
      const other = Locks.queueUp(lock, words, round % 2 === 0);
      // Of the three, the line shows the first only.
      while (waitersOf(lock) < 2) await new Promise(setImmediate);
      const late = lock.run(place);
      held();
      expect(await Promise.all([...mine, other, late])).toEqual([0, 1, 2, 3, 4]);
    }
  });

  it('takes no place from other threads when one waits in place before its own promises', async () => {
    const lock = new Lock();
    for (const timeoutMs of [undefined, 1]) {
      const words = sharedWords();
      const done = new Event();
      const holder = Locks.holdUntil(lock, words, done);
      await reached(words, 1);
      const place = (): number => Atomics.add(words, Word.counter, 1);
      const mine = [1, 2].map(() => lock.run(place));
      const other = Locks.queueUp(lock, words, true);
      while (waitersOf(lock) < 2) await new Promise(setImmediate);
      if (timeoutMs === undefined) done.set();
      let inPlace: number | undefined;
      try {
        inPlace = lock.runSync(place, { timeoutMs });
      } catch (error) {
        expect(error).toBeInstanceOf(WaitTimeoutError);
      }
      done.set();
      const places = await Promise.all([...mine, other]);
      // It has the first place, its promises the next two of its thread's; or none, and they have theirs.
      if (timeoutMs === undefined) expect([inPlace, ...places]).toEqual([0, 1, 3, 2]);
      else expect([inPlace, ...places]).toEqual([undefined, 0, 1, 2]);
      await holder;
    }
  });

  it('lets a thread wait in place while its own promises wait', async () => {
    const lock = new Lock();
    const words = sharedWords();
    const done = new Event();
    const holder = Locks.holdUntil(lock, words, done);
    await reached(words, 1);
    const order: string[] = [];
    const promises = [1, 2].map((each) => lock.run(() => void order.push(`promise ${each}`)));
    done.set();
    lock.runSync(() => order.push('in place'));
    await Promise.all([...promises, holder]);
    expect(order).toEqual(['in place', 'promise 1', 'promise 2']);
  });

  it('keeps four threads and the loop apart, waiting in place and not', async () => {
    const lock = new Lock();
    const words = sharedWords();
    const times = Math.ceil(operations(20_000) / 5);
    const local = async (): Promise<void> => {
      for (let index = 0; index < times; index++) await lock.run(() => void words[Word.counter]++);
    };
    await Promise.all([
      Locks.countSync(lock, words, times),
      Locks.countSync(lock, words, times),
      Locks.count(lock, words, times),
      Locks.count(lock, words, times),
      local(),
    ]);
    expect([words[Word.counter], words[Word.broken], lock.locked]).toEqual([5 * times, 0, false]);
  });

  it('loses no turn to those who give up', async () => {
    const lock = new Lock();
    const words = sharedWords();
    const times = Math.ceil(operations(8_000) / 4);
    const counts = await Promise.all([
      Locks.countImpatiently(lock, words, times),
      Locks.countImpatiently(lock, words, times),
      Locks.countImpatiently(lock, words, times),
      Locks.countSync(lock, words, times).then(() => times),
    ]);
    expect([words[Word.counter], words[Word.broken]]).toEqual([counts.reduce((sum, each) => sum + each), 0]);
    expect(lock.locked).toBe(false);
  });
});

/** How many stand in line, as the portable state tells: the second word of the line. */
function waitersOf(lock: Lock): number {
  const HEADER_AND_MEMBERS = 4 + 2 + 2 * 129;
  return Atomics.load(new Int32Array(lock.toPortable().memory), HEADER_AND_MEMBERS + 1);
}
