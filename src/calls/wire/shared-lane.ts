/**
 * The memory that a thread and the executor share beside their port: the calls to run and their outcomes, as
 * far as these are small; the {@link Claims}; the aborts, one word per call in flight, for methods that look at
 * their signal without a turn of the loop; and whether each side is awake.
 *
 * Who is awake looks into the lane before falling asleep; a message is posted only to wake the other side.
 */
import { CallRecords } from './call-records';
import { CLAIM_SLOTS, Claims } from './claims';
import { OutcomeRecords } from './outcome-records';

/** The executor's state, and the thread's, each in a cache line of its own. */
const EXECUTOR = 0;
const THREAD = 32;
/** What the thread writes to stdout and stderr. */
const OUTPUT = 48;
const STATE_WORDS = 64;

/** Whether a side is awake. */
export const State = {
  awake: 0,
  /** In its event loop: a message wakes it. */
  asleep: 1,
  /** In `Atomics.wait`: a notification wakes it. */
  waiting: 2,
} as const;

/** How far the thread's output is. */
const Output = {
  none: 0,
  /** On its way. */
  leaving: 1,
  /** On its way, and the executor waits to hear that it has left. */
  awaited: 2,
} as const;

const CLAIMS_OFFSET = STATE_WORDS * 4;
const ABORTS_OFFSET = CLAIMS_OFFSET + Claims.bytes;
const CALLS_OFFSET = ABORTS_OFFSET + CLAIM_SLOTS * 4;
const OUTCOMES_OFFSET = CALLS_OFFSET + CallRecords.bytes;
const BYTES = OUTCOMES_OFFSET + OutcomeRecords.bytes;

export class SharedLane {
  readonly claims: Claims;
  readonly calls: CallRecords;
  readonly outcomes: OutcomeRecords;
  readonly #states: Int32Array;
  readonly #aborted: Int32Array;

  constructor(readonly memory: SharedArrayBuffer = new SharedArrayBuffer(BYTES)) {
    this.#states = new Int32Array(memory, 0, STATE_WORDS);
    this.claims = new Claims(memory, CLAIMS_OFFSET);
    this.#aborted = new Int32Array(memory, ABORTS_OFFSET, CLAIM_SLOTS);
    this.calls = new CallRecords(memory, CALLS_OFFSET);
    this.outcomes = new OutcomeRecords(memory, OUTCOMES_OFFSET);
  }

  /** Executor: after the abort of a call was posted; a method in a synchronous loop sees it all the same. */
  abort(id: number): void {
    Atomics.store(this.#aborted, id % CLAIM_SLOTS, id);
  }

  isAborted(id: number): boolean {
    return Atomics.load(this.#aborted, id % CLAIM_SLOTS) === id;
  }

  /** Executor: has the thread look into the lane or at its port; when it was asleep, a message has to wake it. */
  wakeThread(): number {
    const state = Atomics.exchange(this.#states, THREAD, State.awake);
    if (state === State.waiting) Atomics.notify(this.#states, THREAD);
    return state;
  }

  /** Thread: waits for so many milliseconds, or until it is woken; true when there are calls. */
  wait(ms: number): boolean {
    Atomics.store(this.#states, THREAD, State.waiting);
    if (this.calls.isEmpty) Atomics.wait(this.#states, THREAD, State.waiting, ms);
    Atomics.store(this.#states, THREAD, State.awake);
    return !this.calls.isEmpty;
  }

  /** Thread: it goes back to its loop; false when there are calls to run first. */
  threadFallsAsleep(): boolean {
    Atomics.store(this.#states, THREAD, State.asleep);
    // What was written before the executor could see the state has no message on its way.
    if (this.calls.isEmpty) return true;
    Atomics.store(this.#states, THREAD, State.awake);
    return false;
  }

  /** Thread: it has begun to write. */
  outputLeaves(): void {
    Atomics.compareExchange(this.#states, OUTPUT, Output.none, Output.leaving);
  }

  /** Thread: all that it wrote has left; true when the executor is to be told. */
  outputHasLeft(): boolean {
    return Atomics.exchange(this.#states, OUTPUT, Output.none) === Output.awaited;
  }

  /** Executor: false when nothing is on its way, else it is told as soon as all has left. */
  awaitOutput(): boolean {
    return Atomics.compareExchange(this.#states, OUTPUT, Output.leaving, Output.awaited) !== Output.none;
  }

  /** Thread: true, once, when the executor sleeps and a message has to wake it. */
  wakeExecutor(): boolean {
    return Atomics.exchange(this.#states, EXECUTOR, State.awake) === State.asleep;
  }

  /** Executor: it will look for outcomes by itself, and needs no message. */
  executorWakes(): void {
    Atomics.store(this.#states, EXECUTOR, State.awake);
  }

  /** Executor: from now on it has to be woken; false when there are outcomes to take first. */
  executorFallsAsleep(): boolean {
    Atomics.store(this.#states, EXECUTOR, State.asleep);
    if (this.outcomes.isEmpty) return true;
    Atomics.store(this.#states, EXECUTOR, State.awake);
    return false;
  }
}
