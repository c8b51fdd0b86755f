import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Lock, Queue, Semaphore, type Releaser } from 'offloop/sync';
import { Locks, reached, sharedWords } from './services';
import { useThreads } from './support';

useThreads(8);

/** Waits in place again and again; in between, the loop has the turns that it needs to terminate a worker. */
async function acquireInPlace(lock: Lock | Semaphore): Promise<Releaser> {
  for (;;) {
    try {
      return lock.acquireSync({ timeoutMs: 100 });
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_OFFLOOP_WAIT_TIMEOUT') throw error;
      await new Promise(setImmediate);
    }
  }
}

describe('when the worker of a holder dies', () => {
  it.each([
    ['of a lock', () => new Lock()],
    ['of a semaphore', () => new Semaphore(1)],
  ])('%s by process.exit, the next one is told, and no other', async (_, make) => {
    const lock = make();
    const words = sharedWords();
    const lost = Locks.holdAndExit(lock, words);
    lost.catch(() => undefined);
    await reached(words, 1);
    const next = await lock.acquire();
    expect(next.abandoned).toBe(true);
    next();
    const after = lock.acquireSync();
    expect(after.abandoned).toBe(false);
    after();
    await expect(lost).rejects.toMatchObject({ code: 'ERR_OFFLOOP_WORKER_LOST' });
  });

  it('in a spin that an abort ends, who waits in place is told', async () => {
    const lock = new Lock();
    const words = sharedWords();
    const controller = new AbortController();
    const lost = Locks.holdAndSpin(lock, words, controller.signal);
    lost.catch(() => undefined);
    await reached(words, 1);
    controller.abort(new Error('enough'));
    await expect(lost).rejects.toThrow('enough');
    const held = await acquireInPlace(lock);
    expect(held.abandoned).toBe(true);
    held();
  });

  it('promises that wait already are told', async () => {
    const lock = new Lock();
    const words = sharedWords();
    const controller = new AbortController();
    const lost = Locks.holdAndSpin(lock, words, controller.signal);
    lost.catch(() => undefined);
    await reached(words, 1);
    const waiting = [0, 1, 2].map(() => lock.run((held) => held.abandoned));
    controller.abort();
    expect(await Promise.all(waiting)).toEqual([true, false, false]);
    await expect(lost).rejects.toThrow('abort');
  });

  it('one permit of several comes back', async () => {
    const semaphore = new Semaphore(3);
    const words = sharedWords();
    const mine = semaphore.acquireSync();
    const lost = Locks.holdAndExit(semaphore, words);
    await expect(lost).rejects.toThrow();
    const others = [await semaphore.acquire(), await semaphore.acquire()];
    expect(others.map(({ abandoned }) => abandoned).sort()).toEqual([false, true]);
    expect(semaphore.available).toBe(0);
    [mine, ...others].forEach((release) => release());
    expect(semaphore.available).toBe(3);
  });

  it('those who stood behind it in line go on', async () => {
    const lock = new Lock();
    const words = sharedWords();
    const held = lock.acquireSync();
    const controller = new AbortController();
    const lost = Locks.waitForEver(lock, words, controller.signal);
    lost.catch(() => undefined);
    await reached(words, 1);
    const next = lock.run((releaser) => releaser.abandoned);
    controller.abort();
    await expect(lost).rejects.toThrow('abort');
    held();
    // The dead one may have been granted the lock as it died: it never knew.
    expect(typeof (await next)).toBe('boolean');
    (await acquireInPlace(lock))();
    lock.acquireSync()();
  });

  it('anywhere within the lock itself, the lock stays usable', async () => {
    const lock = new Lock();
    const words = sharedWords();
    const spawn = (task: string): Promise<Worker> => startVictim(lock, words, task);
    for (let round = 0; round < 20; round++) {
      const victims = await Promise.all(['in place', 'without blocking', 'in place'].map(spawn));
      for (let turn = 0; turn < 2 * round; turn++) await lock.run(() => undefined, { timeoutMs: 20_000 });
      await Promise.all(victims.map((victim) => victim.terminate()));
      const held = await lock.acquire({ timeoutMs: 20_000 });
      if (held.abandoned) words[0] = 0;
      held();
    }
    // Neither was anyone inside together with another.
    expect(words[1]).toBe(0);
    lock.runSync(() => undefined, { timeoutMs: 1_000 });
  });

  it('a lock that is full of the dead takes who comes anew', async () => {
    const lock = new Lock();
    fillWithTheDead(lock);
    // From two threads at once: each finds it full.
    const words = sharedWords();
    const counting = Locks.countSync(lock, words, 100);
    for (let time = 0; time < 100; time++) lock.runSync(() => void words[0]++);
    await counting;
    expect(words[0]).toBe(200);
    const queue = new Queue<number>();
    fillWithTheDead(queue);
    queue.putSync(1);
    expect(await queue.get()).toBe(1);
  });

  it('more threads than a lock has members may come and go', async () => {
    const lock = new Lock();
    for (let round = 0; round < 17; round++) {
      await Promise.all(
        Array.from({ length: 8 }, () => once(makeVictim(lock, sharedWords(), 'hold'), 'exit')),
      );
    }
    lock.acquireSync({ timeoutMs: 10_000 })();
  });
});

describe('when producers and consumers of a queue die', () => {
  it.each([
    ['produce', 'produce without blocking'],
    ['consume', 'consume without blocking'],
    ['produce', 'consume'],
    ['produce without blocking', 'consume without blocking'],
  ])('while they %s and %s, the others go on', async (...tasks) => {
    const queue = new Queue<{ index: number; text: string }>({ capacityBytes: 4096 });
    for (let round = 0; round < 6; round++) {
      const victims = await Promise.all(tasks.map((task) => startVictim(queue, sharedWords(), task)));
      for (let index = 0; index < 20 * round; index++) {
        if (!tasks[0].startsWith('produce')) await queue.put({ index, text: '' }, { timeoutMs: 20_000 });
        if (!tasks[1].startsWith('consume')) await queue.get({ timeoutMs: 20_000 });
      }
      await Promise.all(victims.map((victim) => victim.terminate()));
      // All that is left is whole, and counted.
      for (let left = queue.size; left > 0; left--) {
        const { index, text } = queue.getSync({ timeoutMs: 10_000 });
        expect(text.length === 0 || text.length === index % 300).toBe(true);
      }
      queue.putSync({ index: 5, text: 'after' }, { timeoutMs: 10_000 });
      expect(await queue.get({ timeoutMs: 10_000 })).toEqual({ index: 5, text: 'after' });
      expect(queue.size).toBe(0);
    }
  });
});

const capacityBytes = 4096;

describe('when they die at work on a queue', () => {
  it('what a producer has not counted is counted', async () => {
    const queue = new Queue<string>({ capacityBytes });
    queue.putSync('whole');
    dieAtWork(queue, 'put');
    expect(queue.size).toBe(1);
    expect(await queue.get()).toBe('whole');
    expect(queue.size).toBe(0);
  });

  it('what a consumer took and has not counted keeps nobody awake who waits', async () => {
    const queue = new Queue<string>({ capacityBytes });
    queue.putSync('gone');
    queue.getSync();
    dieAtWork(queue, 'get');
    // The loop has to turn for it, once the other stands in line.
    setTimeout(() => queue.putSync('next'), 50);
    expect(await queue.get({ timeoutMs: 10_000 })).toBe('next');
    expect(queue.size).toBe(0);
  });

  it('a producer and a consumer at once, others go on', async () => {
    const queue = new Queue<string>({ capacityBytes });
    queue.putSync('before');
    dieAtWork(queue, 'put', 'get');
    await queue.put('after', { timeoutMs: 10_000 });
    expect(queue.size).toBe(2);
    expect([await queue.get(), queue.getSync()]).toEqual(['before', 'after']);
  });
});

type InMemory = { toPortable(): { memory: SharedArrayBuffer } };

/** As 128 threads leave the table of members that have ended. */
function fillWithTheDead(shared: InMemory): void {
  for (let member = 0; member < 128; member++) addDead(new Int32Array(shared.toPortable().memory), member);
}

/** A member that has ended: with a descriptor that is none, and its token. */
function addDead(words: Int32Array, member: number): void {
  const [HEADER_WORDS, NO_DESCRIPTOR] = [4, 1_000_000];
  words[HEADER_WORDS] = Math.max(words[HEADER_WORDS], member + 1);
  words[HEADER_WORDS + 2 + 2 * member] = NO_DESCRIPTOR + member;
  words[HEADER_WORDS + 3 + 2 * member] = 1 + member;
}

/** As threads leave a queue that died under its guards, with the last put or get not counted. */
function dieAtWork(queue: InMemory, ...works: ('put' | 'get')[]): void {
  const words = new Int32Array(queue.toPortable().memory);
  const [RING_WORDS, APART] = [64, 32];
  const ring = words.length - RING_WORDS - capacityBytes / 4;
  for (const work of works) {
    const [member, side] = work === 'put' ? [100, ring] : [101, ring + APART];
    addDead(words, member);
    words[side + 1]--;
    words[side + 2] = member + 1;
  }
}

type Shared = Lock | Queue<{ index: number; text: string }>;

function makeVictim(shared: Shared, words: Int32Array, task: string): Worker {
  return new Worker(join(__dirname, 'victim.cjs'), {
    workerData: {
      sync: require.resolve('offloop/sync'),
      state: shared.toPortable(),
      words: words.buffer,
      task,
    },
  });
}

async function startVictim(shared: Shared, words: Int32Array, task: string): Promise<Worker> {
  const victim = makeVictim(shared, words, task);
  await once(victim, 'message');
  return victim;
}
