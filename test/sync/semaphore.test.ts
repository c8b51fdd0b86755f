import { InvalidOptionError, NotCloneableError } from 'offloop';
import { DeadlockError, Event, Semaphore, WaitTimeoutError } from 'offloop/sync';
import { Locks, reached, Semaphores, sharedWords, Word } from './services';
import { operations, useThreads } from './support';

useThreads();

describe('a semaphore', () => {
  it('has so many holders at a time', async () => {
    const semaphore = new Semaphore(2);
    const first = semaphore.acquireSync();
    const second = await semaphore.acquire();
    expect([semaphore.available, semaphore.tryAcquire()]).toEqual([0, undefined]);
    await expect(semaphore.acquire({ timeoutMs: 1 })).rejects.toThrow(WaitTimeoutError);
    expect(() => semaphore.acquireSync()).toThrow(DeadlockError);
    first();
    first();
    expect(semaphore.available).toBe(1);
    second();
    expect(semaphore.available).toBe(2);
  });

  it.each([0, -1, 1.5, 65_537, '2', undefined])('refuses %p permits', (permits) => {
    expect(() => new Semaphore(permits as number)).toThrow(InvalidOptionError);
  });

  it('serves all who wait when several permits come free', async () => {
    const semaphore = new Semaphore(3);
    const held = [1, 2, 3].map(() => semaphore.acquireSync());
    const waiting = Promise.all([1, 2, 3].map(() => semaphore.acquire()));
    held.forEach((release) => release());
    (await waiting).forEach((release) => release());
    expect(semaphore.available).toBe(3);
  });

  it('is refused by an executor of processes', async () => {
    await expect(Locks.inProcess(new Semaphore(1))).rejects.toThrow(NotCloneableError);
  });

  it.each([1, 2, 3])('lets no more than %i of four threads in, in place and not', async (permits) => {
    const semaphore = new Semaphore(permits);
    const words = sharedWords();
    const times = Math.ceil(operations(16_000) / 4);
    await Promise.all(
      [true, true, false, false].map((inPlace) =>
        Semaphores.count(semaphore, words, times, permits, inPlace),
      ),
    );
    expect([words[Word.counter], words[Word.broken], semaphore.available]).toEqual([4 * times, 0, permits]);
    expect(words[Word.most]).toBeLessThanOrEqual(permits);
  });

  it('lets as many threads in at once as it has permits', async () => {
    const semaphore = new Semaphore(3);
    const words = sharedWords();
    const done = new Event();
    const holders = [1, 2, 3].map(() => Locks.holdUntil(semaphore, words, done));
    await reached(words, 3);
    expect([semaphore.available, semaphore.tryAcquire()]).toEqual([0, undefined]);
    done.set();
    await Promise.all(holders);
    expect(semaphore.available).toBe(3);
  });
});
