import { availableParallelism } from 'node:os';
import { now, setImmediate } from '../calls/clock';
import type { SharedLane } from '../calls/wire/shared-lane';
import type { Host } from './host';
import { WITHOUT_TURN_MS } from './host-port';
import type { Reporter } from './reporter';

/** How long a thread looks out for the next call before it waits for it: about what waking up costs. */
const LOOK_OUT_MS = 0.2;
/** It looks out only if calls come one at a time, and it did not wait for longer the last time. */
const SOON_MS = 0.1;
/** When none has come for so long, the row is over. */
const ROW_MS = 5;

/** On one core, the one that is looked out for could not run. */
const mayLookOut = availableParallelism() > 1;

/**
 * What a thread does when all calls are answered. Where one short call follows the other, a thread that goes
 * back to its loop between them spends more time on waking up than on the calls. So, if calls come in a row, it
 * looks out for the next for a moment, then waits for it in place, and goes back to its loop when none comes.
 */
export class Lingerer {
  #idleSince = 0;
  #turnBegan = 0;
  /** Calls come in a row. */
  #isInRow = false;
  /** The last wait was short. */
  #comeSoon = false;
  /** How many calls have begun since the thread was idle before, and in all. */
  #ran = 0;
  #begun = 0;
  #isLingering = false;

  constructor(
    private readonly host: Host,
    private readonly lane: SharedLane,
    private readonly reporter: Reporter,
  ) {}

  /** A message has woken the thread. */
  woken(): void {
    this.#turnBegan = now();
    this.#note(this.#turnBegan - this.#idleSince);
  }

  /** All calls are answered. */
  linger(): void {
    this.#idle();
    // The loop below has run them.
    if (this.#isLingering) return;
    this.#isLingering = true;
    this.#lingerOn();
    this.#isLingering = false;
  }

  #idle(): void {
    this.#idleSince = now();
    this.#ran = this.host.begun - this.#begun;
    this.#begun = this.host.begun;
  }

  #note(waitedMs: number): void {
    this.#comeSoon = waitedMs < SOON_MS;
    this.#isInRow = waitedMs < ROW_MS;
  }

  #lingerOn(): void {
    for (;;) {
      if (this.#idleSince - this.#turnBegan >= WITHOUT_TURN_MS) break;
      if (!this.lane.calls.isEmpty || this.#awaitCalls()) {
        this.host.run();
        // It is told again when they are answered.
        if (this.host.isRunning) return;
      } else if (this.#isInRow) break;
      else if (this.lane.threadFallsAsleep()) return;
    }
    setImmediate(this.#afterTurn);
  }

  /** Stays awake for as long as it is worth while; true when calls have come. */
  #awaitCalls(): boolean {
    if (!this.#isInRow) return false;
    let waitedMs = 0;
    if (mayLookOut && this.#comeSoon && this.#ran <= 1 && !this.reporter.hasWoken) {
      do {
        if (!this.lane.calls.isEmpty) return true;
        waitedMs = now() - this.#idleSince;
      } while (waitedMs < LOOK_OUT_MS);
    }
    const haveCome = this.lane.wait(this.#turnBegan + WITHOUT_TURN_MS - this.#idleSince);
    this.#note(now() - this.#idleSince);
    return haveCome;
  }

  readonly #afterTurn = (): void => {
    if (this.host.isRunning) return;
    this.#turnBegan = now();
    this.#isLingering = true;
    this.#lingerOn();
    this.#isLingering = false;
  };
}
