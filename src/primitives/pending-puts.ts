import { rethrow } from '../calls/caller-stack';
import { recordBytes } from './byte-ring';
import type { EncodedItem } from './item-codec';
import { NONE } from './places';
import { DONE, FULL, type QueueCore } from './queue-core';
import { deadlineOf, timedOut, watchWait, type SyncWaitOptions, type WaitOptions } from './wait-options';

interface PendingPut {
  readonly item: EncodedItem;
  resolve(): void;
  reject(reason: unknown): void;
}

/** The items that this thread has promised to put, in their order: none overtakes another. */
export class PendingPuts {
  readonly #puts = new Set<PendingPut>();
  /** Ends the wait of the first put, when it is to be put no longer. */
  #wait: AbortController | undefined;
  #isSending = false;

  constructor(private readonly core: QueueCore) {}

  get size(): number {
    return this.#puts.size;
  }

  /** Puts an item when those before it are put and there is room. */
  add(what: string, item: EncodedItem, options: WaitOptions | undefined): Promise<void> {
    const isPut = new Promise<void>((resolve, reject) => {
      const put: PendingPut = {
        item,
        resolve: () => {
          stopWatching();
          resolve();
        },
        reject: (reason) => {
          stopWatching();
          reject(reason);
        },
      };
      const giveUp = (reason: unknown): void => {
        put.reject(reason);
        this.#remove(put);
      };
      const stopWatching = watchWait(what, options, deadlineOf(options), giveUp);
      this.#puts.add(put);
      if (!this.#isSending) void this.#send(what);
    });
    return isPut.then(undefined, rethrow);
  }

  /** Puts all that is promised, and then an item, waiting in place. */
  putSync(what: string, item: EncodedItem, options: SyncWaitOptions | undefined): void {
    const deadline = deadlineOf(options);
    for (const put of this.#puts) {
      this.#putOneSync(what, put.item, deadline, options, () => {
        this.#remove(put);
        put.resolve();
      });
    }
    this.#putOneSync(what, item, deadline, options);
  }

  #putOneSync(
    what: string,
    item: EncodedItem,
    deadline: number,
    options: SyncWaitOptions | undefined,
    onPut?: () => void,
  ): void {
    const { producers } = this.core;
    const need = recordBytes(item.bytes.length);
    const take = (): boolean => {
      if (this.core.tryPut(what, item, true) === FULL) return false;
      // At once: the line serves promises next, and an item that was one must not be put again.
      onPut?.();
      return true;
    };
    if (producers.isFreeFor(need) && take()) return;
    if (producers.waitSync(need, deadline, take) === NONE) throw timedOut(what, options);
  }

  #remove(put: PendingPut): void {
    const [first] = this.#puts;
    this.#puts.delete(put);
    if (put === first) this.#wait?.abort();
  }

  /** Puts one after the other, until none is left. */
  async #send(what: string): Promise<void> {
    this.#isSending = true;
    const { producers } = this.core;
    for (const put of this.#puts) {
      const need = recordBytes(put.item.bytes.length);
      const take = (): boolean => {
        if (this.core.tryPut(what, put.item, false) !== DONE) return false;
        this.#puts.delete(put);
        put.resolve();
        return true;
      };
      try {
        if (producers.isFreeFor(need) && take()) continue;
        // Where the queue is busy it stands in line too: who comes after it must not find it free before.
        const { signal } = (this.#wait = new AbortController());
        await producers.wait(what, need, { signal }, take);
      } catch (error) {
        this.#puts.delete(put);
        // Who gave it up has rejected it, and who put it in place has resolved it.
        put.reject(error);
      }
    }
    this.#isSending = false;
  }
}
