import { EVENT_WORDS, EventCore } from './event-core';
import { makePortable } from './portable-primitive';
import { allocate, attach, checkWords, coreOf, Kind, type SharedState } from './shared-memory';
import {
  deadlineOf,
  timedOut,
  validateSyncWait,
  validateWait,
  type SyncWaitOptions,
  type WaitOptions,
} from './wait-options';

/**
 * A flag that threads share and wait for. All who wait go on when it is set, also if it is cleared again at once.
 *
 * Python's counterparts are `threading.Event` and `asyncio.Event`.
 */
export class Event {
  readonly #words: Int32Array;
  readonly #core: EventCore;

  constructor();
  /** @internal */
  constructor(words: Int32Array);
  constructor(words: Int32Array = allocate(Kind.event, EVENT_WORDS)) {
    this.#words = checkWords('Event', words);
    this.#core = coreOf(words, () => new EventCore(words));
  }

  /**
   * The event that {@link toPortable} described.
   *
   * @throws {@link InvalidOptionError} when it was none
   */
  static fromPortable(state: SharedState): Event {
    return new Event(attach('Event', Kind.event, state));
  }

  /** True from `set()` on, until `clear()`. */
  get isSet(): boolean {
    return this.#core.isSet;
  }

  /** Sets it, and lets all who wait go on. */
  set(): void {
    this.#core.set();
  }

  /** Clears it: who comes from now on waits. */
  clear(): void {
    this.#core.clear();
  }

  /**
   * Waits until it is set, without blocking the event loop; keeps the process alive meanwhile.
   *
   * @throws {@link WaitTimeoutError} when `timeoutMs` is over first; the signal's reason when it aborts first;
   *   {@link InvalidOptionError} for an unknown option or a wrong value
   */
  async wait(options?: WaitOptions): Promise<void> {
    validateWait('Event.wait', options);
    options?.signal?.throwIfAborted();
    await this.#core.wait('Event.wait', options);
  }

  /**
   * Waits in place until it is set: nothing else runs in this thread meanwhile.
   *
   * @throws {@link WaitTimeoutError} when `timeoutMs` is over first; {@link InvalidOptionError} for an unknown
   *   option or a wrong value
   */
  waitSync(options?: SyncWaitOptions): void {
    validateSyncWait('Event.waitSync', options);
    if (!this.#core.waitSync(deadlineOf(options))) throw timedOut('Event.waitSync', options);
  }

  /** How it travels to another thread of this process; `fromPortable` takes it there. */
  toPortable(): SharedState {
    return { memory: this.#words.buffer as SharedArrayBuffer };
  }
}

makePortable(Event, __filename);
