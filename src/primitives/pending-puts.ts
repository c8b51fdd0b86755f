import { rethrow } from '../calls/caller-stack';
import { recordBytes } from './byte-ring';
import type { EncodedItem } from './item-codec';
import { NONE } from './places';
import { BUSY, FULL, type QueueCore } from './queue-core';
import { deadlineOf, timedOut, watchWait, type SyncWaitOptions, type WaitOptions } from './wait-options';

interface PendingPut {
  readonly item: EncodedItem;
  resolve(): void;
  reject(reason: unknown): void;
}

/** The items that this thread has promised to put, in their order: none overtakes another. */
export class PendingPuts {
  readonly #puts = new Set<PendingPut>();
  /** Ends the wait of the first put, when it is first no longer. */
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
      this.#putOneSync(what, put.item, deadline, options);
      this.#remove(put);
      put.resolve();
    }
    this.#putOneSync(what, item, deadline, options);
  }

  #putOneSync(what: string, item: EncodedItem, deadline: number, options: SyncWaitOptions | undefined): void {
    const { producers } = this.core;
    const need = recordBytes(item.bytes.length);
    let isItsTurn = producers.isFreeFor(need);
    while (!isItsTurn || this.core.tryPut(what, item, true) === FULL) {
      if (producers.waitSync(need, deadline) === NONE) throw timedOut(what, options);
      isItsTurn = true;
    }
  }

  #remove(put: PendingPut): void {
    const [first] = this.#puts;
    this.#puts.delete(put);
    if (put === first) this.#wait?.abort();
  }

  /** Puts one after the other, until none is left. */
  async #send(what: string): Promise<void> {
    this.#isSending = true;
    let turns = 0;
    let isItsTurn = false;
    for (let [put] = this.#puts; put; [put] = this.#puts) {
      try {
        const need = recordBytes(put.item.bytes.length);
        isItsTurn ||= this.core.producers.isFreeFor(need);
        const outcome = isItsTurn ? this.core.tryPut(what, put.item, false) : FULL;
        if (outcome === FULL) isItsTurn = await this.#room(what, need);
        else if (outcome === BUSY) await this.core.untilNotBusy(turns++);
        else {
          isItsTurn = false;
          this.#puts.delete(put);
          put.resolve();
        }
      } catch (error) {
        isItsTurn = false;
        this.#puts.delete(put);
        put.reject(error);
      }
    }
    this.#isSending = false;
  }

  /** Waits in line for room; false when the put was given up meanwhile. */
  async #room(what: string, need: number): Promise<boolean> {
    const wait = (this.#wait = new AbortController());
    try {
      await this.core.producers.wait(what, need, { signal: wait.signal });
      return true;
    } catch (error) {
      if (!wait.signal.aborted) throw error;
      return false;
    } finally {
      this.#wait = undefined;
    }
  }
}
