import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Lock, Queue, Semaphore, WaitTimeoutError, type Releaser } from 'offloop/sync';
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

  it.each([
    ['a lock', () => new Lock(), (lock: Lock) => !lock.locked],
    ['a semaphore', () => new Semaphore(1), (semaphore: Semaphore) => semaphore.available === 1],
  ])(
    '%s says that it is free before anybody acquires it, and the next one is told',
    async (_, make, isFree) => {
      const held = make();
      await expect(Locks.holdAndExit(held, sharedWords())).rejects.toThrow();
      expect(isFree(held as never)).toBe(true);
      const next = await held.acquire();
      expect(next.abandoned).toBe(true);
      next();
    },
  );

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

  it('in a spin that a timeout ends, who waits in place as soon as it hears of that is told', async () => {
    const lock = new Lock();
    await expect(Locks.holdTooLong(lock)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CALL_TIMEOUT' });
    const held = lock.acquireSync({ timeoutMs: 20_000 });
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

  it.each<[string, (lock: Lock) => Releaser | undefined | Promise<Releaser | undefined>]>([
    ['tryAcquire', (lock) => lock.tryAcquire()],
    ['acquireSync, without time', (lock) => unlessLate(() => lock.acquireSync({ timeoutMs: 0 }))],
    ['acquire, without time', (lock) => lock.acquire({ timeoutMs: 0 }).catch(() => undefined)],
    ['acquire, with little time', (lock) => lock.acquire({ timeoutMs: 3 }).catch(() => undefined)],
  ])('who asks again and again, by %s, gets the lock and is told', async (_, ask) => {
    const lock = new Lock();
    await once(makeVictim(lock, sharedWords(), 'hold'), 'exit');
    const held = await again(() => ask(lock));
    expect(held?.abandoned).toBe(true);
  });

  it.each<[string, (queue: Queue<Item>) => unknown]>([
    ['getSync, without time', (queue) => unlessLate(() => queue.getSync({ timeoutMs: 0 }))],
    ['get, without time', (queue) => queue.get({ timeoutMs: 0 }).catch(() => undefined)],
    ['get, with little time', (queue) => queue.get({ timeoutMs: 3 }).catch(() => undefined)],
  ])('who asks a queue again and again, by %s, gets what a dead one stood in line for', async (_, ask) => {
    const queue = new Queue<Item>();
    const victim = await startVictim(queue, sharedWords(), 'consume');
    // It waits: nobody else gets what is there at once.
    await again(() => {
      queue.putSync({ index: 0, text: '' });
      return unlessLate(() => queue.getSync({ timeoutMs: 0 })) === undefined;
    });
    await victim.terminate();
    queue.putSync({ index: 1, text: '' });
    expect(await again(() => ask(queue))).toBeDefined();
  });

  it('just as it came or went, and is counted for ever, who asks finds that nobody waits', async () => {
    const lock = new Lock();
    countOneWaiter(lock, 0);
    const held = lock.tryAcquire();
    expect(held?.abandoned).toBe(false);
    const next = lock.acquire();
    held?.();
    // Before it takes what it was granted.
    expect(lock.tryAcquire()).toBeUndefined();
    (await next)();
    const queue = new Queue<string>();
    countOneWaiter(queue, 0);
    countOneWaiter(queue, 1);
    await queue.put('an item', { timeoutMs: 0 });
    expect(queue.getSync({ timeoutMs: 0 })).toBe('an item');
  });

  it('a lock that is full of the living refuses who comes anew, each time, and harms nobody', async () => {
    const lock = new Lock();
    const held = lock.acquireSync();
    const next = lock.acquire();
    fill(lock, LASTING, 1);
    expect(await Locks.acquireTimes(lock, 3)).toEqual(Array(3).fill('ERR_OFFLOOP_INVALID_OPTION'));
    held();
    (await next)();
  });

  it('a lock that is full of the dead takes who comes anew', async () => {
    const lock = new Lock();
    fill(lock, NO_DESCRIPTOR);
    // From two threads at once: each finds it full.
    const words = sharedWords();
    const counting = Locks.countSync(lock, words, 100);
    for (let time = 0; time < 100; time++) lock.runSync(() => void words[0]++);
    await counting;
    expect(words[0]).toBe(200);
    const queue = new Queue<number>();
    fill(queue, NO_DESCRIPTOR);
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

/** Of a thread that lasts as long as the process, and of one that has ended, in the table of members. */
const [LASTING, NO_DESCRIPTOR] = [1, 1_000_000];

/** Fills the table of members, from one on to the 128th: each with where to see whether it lives, and its token. */
function fill(shared: { toPortable(): { memory: SharedArrayBuffer } }, lamp: number, from = 0): void {
  const [HEADER_WORDS, MEMBERS] = [4, 128];
  const words = new Int32Array(shared.toPortable().memory);
  words[HEADER_WORDS] = MEMBERS;
  for (let member = from; member < MEMBERS; member++) {
    words[HEADER_WORDS + 2 + 2 * member] = lamp;
    words[HEADER_WORDS + 3 + 2 * member] = 1 + member;
  }
}

/** As a thread leaves a line of a lock, or the two of a queue, that died between its place and the counts. */
function countOneWaiter(shared: InMemory, line: number): void {
  const [HEADER_WORDS, MEMBERS_WORDS, LINE_WORDS] = [4, 2 + 2 * 129, 3 + 4 * 2 * 129 + 1];
  const words = new Int32Array(shared.toPortable().memory);
  const places = HEADER_WORDS + MEMBERS_WORDS + line * LINE_WORDS;
  words[places + 1]++;
  words[places + 2]++;
}

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

  it('what a consumer has counted and not taken is there for others', async () => {
    const queue = new Queue<string>({ capacityBytes });
    queue.putSync('left');
    dieAtWork(queue, 'get');
    expect(await queue.get({ timeoutMs: 10_000 })).toBe('left');
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

/** A member that has ended: with a descriptor that is none, and its token. */
function addDead(words: Int32Array, member: number): void {
  const HEADER_WORDS = 4;
  words[HEADER_WORDS] = Math.max(words[HEADER_WORDS], member + 1);
  words[HEADER_WORDS + 2 + 2 * member] = NO_DESCRIPTOR + member;
  words[HEADER_WORDS + 3 + 2 * member] = 1 + member;
}

/** As threads leave a queue that died under its guards, with the last put not counted yet, or a get counted first. */
function dieAtWork(queue: InMemory, ...works: ('put' | 'get')[]): void {
  const words = new Int32Array(queue.toPortable().memory);
  const [RING_WORDS, APART] = [65, 32];
  const ring = words.length - RING_WORDS - capacityBytes / 4;
  for (const work of works) {
    const [member, side] = work === 'put' ? [100, ring] : [101, ring + APART];
    addDead(words, member);
    words[side + 1] += work === 'put' ? -1 : 1;
    words[side + 2] = member + 1;
  }
}

function unlessLate<R>(act: () => R): R | undefined {
  try {
    return act();
  } catch (error) {
    if (error instanceof WaitTimeoutError) return undefined;
    throw error;
  }
}

/** Asks until there is an answer, with turns of the loop in between; undefined when none comes. */
async function again<R>(ask: () => R): Promise<Awaited<R> | undefined> {
  for (const end = performance.now() + 3_000; performance.now() < end;) {
    const answer = await ask();
    if (answer) return answer;
    await new Promise(setImmediate);
  }
  return undefined;
}

interface Item {
  readonly index: number;
  readonly text: string;
}

type Shared = Lock | Queue<Item>;

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
