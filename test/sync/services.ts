import { RunInExecutor } from 'offloop';
import { Event, Lock, Queue, Semaphore } from 'offloop/sync';

export const THREADS = 'sync-threads';
export const PROCESSES = 'sync-processes';

/** Words of the memory that the methods below share. */
export const Word = { counter: 0, inside: 1, most: 2, broken: 3, ready: 4 } as const;

export function sharedWords(length = 16): Int32Array {
  return new Int32Array(new SharedArrayBuffer(length * 4));
}

/** Tells the main thread that a method has come so far; it waits with `reached`. */
function arrive(words: Int32Array, index: number = Word.ready): void {
  Atomics.add(words, index, 1);
  Atomics.notify(words, index);
}

export async function reached(words: Int32Array, count: number, index: number = Word.ready): Promise<void> {
  const { waitAsync } = Atomics as unknown as {
    waitAsync(words: Int32Array, index: number, value: number): { value: Promise<string> | string };
  };
  const alive = setInterval(() => undefined, 1_000);
  for (let seen = Atomics.load(words, index); seen < count; seen = Atomics.load(words, index)) {
    await waitAsync(words, index, seen).value;
  }
  clearInterval(alive);
}

/** What only one thread at a time may do: it notices when it is not alone, and counts without atomics. */
function countAlone(words: Int32Array): void {
  if (Atomics.add(words, Word.inside, 1) !== 0) Atomics.add(words, Word.broken, 1);
  words[Word.counter] = words[Word.counter] + 1;
  Atomics.sub(words, Word.inside, 1);
}

/** What at most `permits` may do at a time. */
function countAmong(words: Int32Array, permits: number): void {
  const inside = Atomics.add(words, Word.inside, 1) + 1;
  if (inside > permits) Atomics.add(words, Word.broken, 1);
  for (let most = Atomics.load(words, Word.most); most < inside; most = Atomics.load(words, Word.most)) {
    Atomics.compareExchange(words, Word.most, most, inside);
  }
  Atomics.add(words, Word.counter, 1);
  Atomics.sub(words, Word.inside, 1);
}

export class Locks {
  @RunInExecutor(THREADS)
  static async countSync(lock: Lock, words: Int32Array, times: number): Promise<void> {
    for (let index = 0; index < times; index++) lock.runSync(() => countAlone(words));
  }

  @RunInExecutor(THREADS)
  static async count(lock: Lock, words: Int32Array, times: number): Promise<void> {
    for (let index = 0; index < times; index++) await lock.run(() => countAlone(words));
  }

  /** Many promises of one thread, some of which give up. */
  @RunInExecutor(THREADS)
  static async countImpatiently(lock: Lock, words: Int32Array, times: number): Promise<number> {
    let counted = 0;
    const one = async (index: number): Promise<void> => {
      const signal = index % 3 === 0 ? AbortSignal.abort() : undefined;
      const controller = new AbortController();
      if (index % 3 === 1) queueMicrotask(() => controller.abort());
      try {
        await lock.run(
          () => {
            countAlone(words);
            counted++;
          },
          { signal: signal ?? controller.signal, timeoutMs: index % 5 === 0 ? index % 2 : undefined },
        );
      } catch (error) {
        if (!/abort|timeoutMs/.test(String(error))) throw error;
      }
    };
    for (let done = 0; done < times; done += 10) {
      await Promise.all(Array.from({ length: 10 }, (_, index) => one(done + index)));
    }
    return counted;
  }

  @RunInExecutor(THREADS)
  static async holdAndExit(lock: Lock | Semaphore, words: Int32Array): Promise<void> {
    lock.acquireSync();
    arrive(words);
    process.exit(1);
  }

  @RunInExecutor(THREADS, { graceMs: 0 })
  static async holdAndSpin(lock: Lock | Semaphore, words: Int32Array, _signal: AbortSignal): Promise<void> {
    lock.acquireSync();
    arrive(words);
    for (;;);
  }

  @RunInExecutor(THREADS, { timeoutMs: 500 })
  static async holdTooLong(lock: Lock): Promise<void> {
    lock.acquireSync();
    for (;;);
  }

  @RunInExecutor(THREADS, { graceMs: 0 })
  static async waitForEver(lock: Lock, words: Int32Array, _signal: AbortSignal): Promise<void> {
    arrive(words);
    lock.acquireSync();
    for (;;);
  }

  @RunInExecutor(THREADS)
  static async holdUntil(lock: Lock | Semaphore, words: Int32Array, event: Event): Promise<void> {
    const held = lock.acquireSync();
    arrive(words);
    event.waitSync();
    held();
  }

  /** Comes, waits in line, and notes how many were served before it. */
  @RunInExecutor(THREADS)
  static async queueUp(lock: Lock, words: Int32Array, inPlace: boolean): Promise<number> {
    arrive(words);
    const place = (): number => Atomics.add(words, Word.counter, 1);
    return inPlace ? lock.runSync(place) : lock.run(place);
  }

  /** What becomes of one wait after the other. */
  @RunInExecutor(THREADS)
  static async acquireTimes(lock: Lock, times: number): Promise<string[]> {
    const ends: string[] = [];
    for (let time = 0; time < times; time++) {
      ends.push(
        await lock.acquire({ timeoutMs: 200 }).then(
          () => 'acquired',
          (error: { code: string }) => error.code,
        ),
      );
    }
    return ends;
  }

  @RunInExecutor(THREADS)
  static async give(lock: Lock): Promise<Lock> {
    return lock;
  }

  @RunInExecutor(PROCESSES)
  static async inProcess(_value: unknown): Promise<void> {}
}

export class Semaphores {
  @RunInExecutor(THREADS)
  static async count(
    semaphore: Semaphore,
    words: Int32Array,
    times: number,
    permits: number,
    inPlace: boolean,
  ): Promise<void> {
    for (let index = 0; index < times; index++) {
      if (inPlace) semaphore.runSync(() => countAmong(words, permits));
      else await semaphore.run(() => countAmong(words, permits));
    }
  }
}

export class Events {
  @RunInExecutor(THREADS)
  static async wait(event: Event, words: Int32Array, inPlace: boolean): Promise<void> {
    arrive(words);
    if (inPlace) event.waitSync();
    else await event.wait();
  }

  /** Answers each `ping` with a `pong`: a wake-up that is lost ends it. */
  @RunInExecutor(THREADS)
  static async pong(ping: Event, pong: Event, rounds: number, inPlace: boolean): Promise<number> {
    for (let round = 0; round < rounds; round++) {
      if (inPlace) ping.waitSync({ timeoutMs: 20_000 });
      else await ping.wait({ timeoutMs: 20_000 });
      ping.clear();
      pong.set();
    }
    return rounds;
  }
}

export interface Item {
  readonly producer: number;
  readonly index: number;
}

export class Queues {
  @RunInExecutor(THREADS)
  static async produce(queue: Queue<Item>, producer: number, count: number, inPlace: boolean): Promise<void> {
    for (let index = 0; index < count; index++) {
      if (inPlace) queue.putSync({ producer, index });
      else await queue.put({ producer, index });
    }
  }

  /** Puts without awaiting each: the items must arrive in order all the same. */
  @RunInExecutor(THREADS)
  static async produceEagerly(queue: Queue<Item>, producer: number, count: number): Promise<void> {
    const puts: Promise<void>[] = [];
    for (let index = 0; index < count; index++) {
      if (index % 7 === 6) queue.putSync({ producer, index });
      else puts.push(queue.put({ producer, index }));
      if (index % 50 === 49) await Promise.all(puts.splice(0));
    }
    await Promise.all(puts);
  }

  /** Takes all until the queue is closed: [the sum of indices, how many, whether a producer's order was broken]. */
  @RunInExecutor(THREADS)
  static async consume(queue: Queue<Item>, inPlace: boolean): Promise<Consumed> {
    const tally = new Tally();
    if (!inPlace) {
      for await (const item of queue) tally.add(item);
      return tally.result;
    }
    for (;;) {
      try {
        tally.add(queue.getSync());
      } catch (error) {
        if ((error as { code?: string }).code === 'ERR_OFFLOOP_QUEUE_CLOSED') return tally.result;
        throw error;
      }
    }
  }

  @RunInExecutor(THREADS)
  static async echo(from: Queue<unknown>, to: Queue<unknown>, inPlace: boolean): Promise<void> {
    if (!inPlace) {
      for await (const item of from) await to.put(item);
      return;
    }
    for (;;) {
      try {
        to.putSync(from.getSync({ timeoutMs: 20_000 }), { timeoutMs: 20_000 });
      } catch (error) {
        if ((error as { code?: string }).code === 'ERR_OFFLOOP_QUEUE_CLOSED') return;
        throw error;
      }
    }
  }

  /** Closes each queue just when its consumer is about to look. */
  @RunInExecutor(THREADS)
  static async closeEach(queues: readonly Queue<number>[], words: Int32Array): Promise<void> {
    arrive(words);
    for (const [index, queue] of queues.entries()) {
      while (Atomics.load(words, Word.counter) <= index);
      // Now a little sooner, now a little later.
      for (let delay = 0; delay < index; delay++);
      queue.close();
    }
  }

  @RunInExecutor(THREADS)
  static async putOne(queue: Queue<string>, item: string, words: Int32Array): Promise<void> {
    arrive(words);
    queue.putSync(item);
  }

  /** Puts until somebody closes the queue, and tells with which error it ended. */
  @RunInExecutor(THREADS)
  static async putUntilClosed(queue: Queue<number>, words: Int32Array): Promise<string> {
    for (;;) {
      try {
        queue.putSync(1);
      } catch (error) {
        return (error as { code: string }).code;
      }
      arrive(words);
    }
  }

  @RunInExecutor(THREADS)
  static async getUntilClosed(queue: Queue<number>, words: Int32Array): Promise<string> {
    arrive(words);
    try {
      queue.getSync();
    } catch (error) {
      return (error as { code: string }).code;
    }
    return 'got one';
  }
}

export interface Consumed {
  readonly count: number;
  readonly sum: number;
  readonly ordered: boolean;
}

export class Tally {
  #count = 0;
  #sum = 0;
  #ordered = true;
  readonly #last = new Map<number, number>();

  add({ producer, index }: Item): void {
    this.#count++;
    this.#sum += index + 1;
    if (index <= (this.#last.get(producer) ?? -1)) this.#ordered = false;
    this.#last.set(producer, index);
  }

  get result(): Consumed {
    return { count: this.#count, sum: this.#sum, ordered: this.#ordered };
  }
}
