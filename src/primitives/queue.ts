import { ItemTooLargeError, QueueClosedError } from '../calls/errors';
import { now } from '../calls/clock';
import { recordBytes } from './byte-ring';
import { encodeItem, encodeJson, type EncodedItem } from './item-codec';
import { PendingPuts } from './pending-puts';
import { NONE } from './places';
import { makePortable } from './portable-primitive';
import { BUSY, EMPTY, QueueCore } from './queue-core';
import { allocateQueue, tooLarge, type QueueOptions } from './queue-options';
import { attach, coreOf, Kind, type SharedState } from './shared-memory';
import { isTurnDue, turn } from './turns';
import {
  deadlineOf,
  timedOut,
  validateSyncWait,
  validateWait,
  type SyncWaitOptions,
  type WaitOptions,
} from './wait-options';

/** What one thread has of a queue. */
interface Share {
  readonly core: QueueCore;
  readonly pending: PendingPuts;
  /** Set while promises that found nothing let the loop turn once before they stand in line. */
  lookingAgain: Promise<void> | undefined;
}

/**
 * A bounded queue between threads: many producers, many consumers, each waiting in place or not. Items travel by
 * copy; those of one thread arrive in the order in which it put them. Hand it to a decorated method as an argument.
 *
 * Python's counterparts are `queue.Queue`, `asyncio.Queue` and `janus.Queue`, in one.
 *
 * @example
 * const lines = new Queue<string>({ maxItems: 1_000 });
 * const reading = reader.read(path, lines);       // in a thread: lines.putSync(line); at the end lines.close()
 * for await (const line of lines) console.log(line);
 */
export class Queue<T> implements AsyncIterable<T> {
  readonly #words: Int32Array;
  readonly #share: Share;

  /** @throws {@link InvalidOptionError} for an unknown option or a wrong value */
  constructor(options?: QueueOptions);
  /** @internal */
  constructor(options?: QueueOptions | Int32Array);
  constructor(options: QueueOptions | Int32Array = {}) {
    const words = options instanceof Int32Array ? options : allocateQueue(options);
    this.#words = words;
    this.#share = coreOf(words, () => {
      const core = new QueueCore(words);
      return { core, pending: new PendingPuts(core), lookingAgain: undefined };
    });
  }

  /**
   * The queue that {@link toPortable} described.
   *
   * @throws {@link InvalidOptionError} when it was none
   */
  static fromPortable<T>(state: SharedState): Queue<T> {
    return new Queue<T>(attach('Queue', Kind.queue, state));
  }

  /** How many items it holds now. */
  get size(): number {
    // A consumer may have counted an item that its producer has not counted yet.
    return Math.max(0, this.#share.core.items);
  }

  /** True once it is closed, in whichever thread; it may still hold items. */
  get closed(): boolean {
    return this.#share.core.isClosed;
  }

  /**
   * Puts an item, waiting for room without blocking the event loop. The item is copied at once: later changes to it
   * are not seen.
   *
   * @throws {@link QueueClosedError} when the queue is closed, before or meanwhile; {@link WaitTimeoutError} when
   *   `timeoutMs` is over first, the signal's reason when it aborts first: the item is not put then;
   *   {@link NotCloneableError} when it cannot be copied, or has a part in shared memory; {@link ItemTooLargeError}
   *   when the whole queue is too small
   */
  async put(item: T, options?: WaitOptions): Promise<void> {
    const what = 'Queue.put';
    validateWait(what, options);
    options?.signal?.throwIfAborted();
    const { core, pending } = this.#share;
    if (pending.size > 0 || !core.tryPutSmall(what, item)) {
      await pending.add(what, this.#encode(what, item), options);
    }
    // After the put, not before: the next one must not overtake it.
    if (isTurnDue()) await turn();
  }

  /**
   * Puts an item, waiting for room in place: nothing else runs in this thread meanwhile, so the items have to be
   * taken in another.
   *
   * @throws as {@link put} does
   */
  putSync(item: T, options?: SyncWaitOptions): void {
    const what = 'Queue.putSync';
    validateSyncWait(what, options);
    const { core, pending } = this.#share;
    if (pending.size === 0 && core.tryPutSmall(what, item)) return;
    pending.putSync(what, this.#encode(what, item), options);
  }

  /**
   * Takes the oldest item, waiting for one without blocking the event loop; keeps the process alive meanwhile.
   *
   * @throws {@link QueueClosedError} when the queue is closed and empty, before or meanwhile;
   *   {@link WaitTimeoutError} when `timeoutMs` is over first; the signal's reason when it aborts first
   */
  async get(options?: WaitOptions): Promise<T> {
    const what = 'Queue.get';
    validateWait(what, options);
    options?.signal?.throwIfAborted();
    const item = this.#getAtOnce(what);
    if (isNone(item)) return this.#waitAndGet(what, options);
    if (isTurnDue()) await turn();
    return item;
  }

  /**
   * Takes the oldest item, waiting for one in place: nothing else runs in this thread meanwhile, so items have to
   * come from another.
   *
   * @throws as {@link get} does
   */
  getSync(options?: SyncWaitOptions): T {
    const what = 'Queue.getSync';
    validateSyncWait(what, options);
    const { consumers } = this.#share.core;
    const deadline = deadlineOf(options);
    let item = consumers.hasWaiters ? EMPTY : this.#tryGet(what, true);
    const take = (): boolean => !isNone((item = this.#tryGet(what, true)));
    if (isNone(item) && consumers.waitSync(0, deadline, take) === NONE) throw timedOut(what, options);
    return item as T;
  }

  /**
   * Takes no more items and wakes all who wait, in every thread, blocked ones too: producers get a
   * {@link QueueClosedError}, consumers what is left and then the same; `for await` ends. To close twice is harmless.
   */
  close(): void {
    this.#share.core.close();
  }

  /**
   * Takes items until the queue is closed and empty; it waits without blocking the event loop. Who leaves while it
   * waits, as a stream made of it does that is destroyed, takes none any more.
   */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    const what = 'Queue.get';
    const leaving = new AbortController();
    const { signal } = leaving;
    const ended: IteratorResult<T, undefined> = { done: true, value: undefined };
    const found = (value: T): IteratorResult<T, undefined> => ({ done: false, value });
    const end = (error: unknown): IteratorResult<T, undefined> => {
      if (error instanceof QueueClosedError || signal.aborted) return ended;
      throw error;
    };
    const next = (): Promise<IteratorResult<T, undefined>> => {
      if (signal.aborted) return Promise.resolve(ended);
      if (isTurnDue()) return turn().then(next);
      try {
        const item = this.#getAtOnce(what);
        return isNone(item)
          ? this.#waitAndGet(what, { signal }).then(found, end)
          : Promise.resolve(found(item));
      } catch (error) {
        // Another thread may close it at any moment: only the try itself tells.
        return Promise.reject(error).catch(end);
      }
    };
    return {
      next,
      return: () => {
        leaving.abort();
        return Promise.resolve(ended);
      },
    };
  }

  /** How it travels to another thread of this process; `fromPortable` takes it there. */
  toPortable(): SharedState {
    return { memory: this.#words.buffer as SharedArrayBuffer };
  }

  /** Takes an item if there is one and nobody has come before. */
  #getAtOnce(what: string): T | typeof EMPTY | typeof BUSY {
    const { core, lookingAgain } = this.#share;
    return lookingAgain || core.consumers.hasWaiters ? EMPTY : this.#tryGet(what, false);
  }

  async #waitAndGet(what: string, options: WaitOptions | undefined): Promise<T> {
    const { core } = this.#share;
    const deadline = deadlineOf(options);
    await this.#lookAgain();
    options?.signal?.throwIfAborted();
    let item = core.consumers.hasWaiters ? EMPTY : this.#tryGet(what, false);
    if (item === EMPTY && now() >= deadline) throw timedOut(what, options);
    // Where the queue is busy it stands in line too: who comes after it must not find it free before.
    const take = (): boolean => !isNone((item = this.#tryGet(what, false)));
    if (isNone(item)) await core.consumers.wait(what, 0, options, take, deadline);
    return item as T;
  }

  /** More may be on its way: to fall asleep and be woken takes longer than a turn of the loop. */
  async #lookAgain(): Promise<void> {
    const share = this.#share;
    await (share.lookingAgain ??= turn().then(() => {
      share.lookingAgain = undefined;
      share.core.reapNowAndThen();
      share.core.wakeProducers();
    }));
  }

  #tryGet(what: string, inPlace: boolean): T | typeof EMPTY | typeof BUSY {
    return this.#share.core.tryGet(what, inPlace) as T | typeof EMPTY | typeof BUSY;
  }

  #encode(what: string, item: T): EncodedItem {
    const { core } = this.#share;
    const { capacity } = core.ring;
    const fits = (encoded: EncodedItem): boolean => recordBytes(encoded.bytes.length) <= capacity;
    const encoded = encodeItem(what, item);
    if (fits(encoded)) return encoded;
    // What takes the least time may take more bytes than there ever are.
    for (const other of [core.encodeSmall(item), encodeJson(item)]) if (other && fits(other)) return other;
    throw new ItemTooLargeError(tooLarge(what, recordBytes(encoded.bytes.length), capacity));
  }
}

/** True when a try has brought no item. */
function isNone(item: unknown): item is typeof EMPTY | typeof BUSY {
  return item === EMPTY || item === BUSY;
}

makePortable(Queue, __filename);
