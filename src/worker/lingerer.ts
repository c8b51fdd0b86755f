import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers';
import { now } from '../calls/clock';
import type { SharedLane } from '../calls/shared-lane';

/** How long a thread looks out for the next call before it waits for it: about what waking up costs. */
const LOOK_OUT_MS = 0.05;
/** A call that comes so soon after the last, waking up included, is one of a row. */
const SOON_MS = 0.3;
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
  #isInRow = false;
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
    this.#isInRow = this.#turnBegan - this.#idleSince < SOON_MS;
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
    if (this.#mayLookOut) {
      do {
        if (!this.lane.calls.isEmpty) return true;
      } while (now() - this.#idleSince < LOOK_OUT_MS);
    }
    const time = now();
    const left = this.#turnBegan + WITHOUT_TURN_MS - time;
    if (left > 0 && this.lane.wait(left)) return true;
    this.#isInRow = now() - this.#idleSince < WITHOUT_TURN_MS;
    return false;
  }

  readonly #afterTurn = (): void => {
    if (this.isBusy()) return;
    this.#turnBegan = now();
    this.#isLingering = true;
    this.#lingerOn();
    this.#isLingering = false;
  };
}
