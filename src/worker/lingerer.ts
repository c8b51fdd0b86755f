import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers';
import { now } from '../calls/clock';
import type { SharedLane } from '../calls/shared-lane';

/** How long a thread looks out for the next call before it waits for it: about what waking up costs. */
const LOOK_OUT_MS = 0.2;
/** It looks out only if it did not wait for longer the last time. */
const SOON_MS = 0.1;
/** When none has come for so long, the row is over. */
const ROW_MS = 5;
/** The longest that it stays without a turn of its loop, where timers and sockets of the user wait. */
const WITHOUT_TURN_MS = 1;

/**
 * What a thread does when all calls are answered. Where one short call follows the other, a thread that goes
 * back to its loop between them spends more time on waking up than on the calls. So, if calls come in a row, it
 * looks out for the next for a moment, then waits for it in place, and goes back to its loop when none comes.
 */
export class Lingerer {
  readonly #mayLookOut = availableParallelism() > 1;
  #idleSince = 0;
  #turnBegan = 0;
  /** Calls come in a row. */
  #isInRow = false;
  #comeSoon = false;
  #isLingering = false;

  /**
   * @param run - runs the calls that have come
   * @param isBusy - true while a call goes on in microtasks, which have to run first
   */
  constructor(
    private readonly lane: SharedLane,
    private readonly run: () => void,
    private readonly isBusy: () => boolean,
  ) {}

  /** A message has woken the thread. */
  woken(): void {
    this.#turnBegan = now();
    const waitedMs = this.#turnBegan - this.#idleSince;
    this.#comeSoon = waitedMs < SOON_MS;
    this.#isInRow = waitedMs < ROW_MS;
  }

  /** All calls are answered. */
  linger(): void {
    // The loop below has run them.
    if (this.#isLingering) return;
    this.#isLingering = true;
    this.#idleSince = now();
    this.#lingerOn();
    this.#isLingering = false;
  }

  #lingerOn(): void {
    for (;;) {
      if (!this.lane.calls.isEmpty || this.#awaitCalls()) {
        this.run();
        // It is told again when they are answered.
        if (this.isBusy()) return;
        this.#idleSince = now();
      } else if (this.#isInRow) {
        setImmediate(this.#afterTurn);
        return;
      } else if (this.lane.threadFallsAsleep()) return;
    }
  }

  /** Stays awake for as long as it is worth while; true when calls have come. */
  #awaitCalls(): boolean {
    if (!this.#isInRow) return false;
    let waitedMs = 0;
    if (this.#comeSoon && this.#mayLookOut) {
      do {
        if (!this.lane.calls.isEmpty) return true;
        waitedMs = now() - this.#idleSince;
      } while (waitedMs < LOOK_OUT_MS);
    }
    const left = this.#turnBegan + WITHOUT_TURN_MS - this.#idleSince - waitedMs;
    const haveCome = left > 0 && this.lane.wait(left);
    waitedMs = now() - this.#idleSince;
    this.#comeSoon = waitedMs < SOON_MS;
    this.#isInRow = waitedMs < ROW_MS;
    return haveCome;
  }

  readonly #afterTurn = (): void => {
    if (this.isBusy()) return;
    this.#turnBegan = now();
    this.#isLingering = true;
    this.#lingerOn();
    this.#isLingering = false;
  };
}
