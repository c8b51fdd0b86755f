import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers';
import { Wager } from '../calls/wager';

/** How long a thread stays awake for the next call, in milliseconds: about what waking up costs. */
const LINGER_MS = 0.05;
/** A call that comes so soon after the last, waking up included, is one of a row. */
const SOON_MS = 0.3;
/** The longest that it stays without a turn of its loop, where timers and sockets of the user wait. */
const WITHOUT_TURN_MS = 1;

/**
 * Where one short call follows the other, a thread that sleeps between them spends more time on waking up than
 * on the calls. So it stays awake for a moment after a call, if the last one came soon after the one before.
 */
export class Lingerer {
  readonly #isWorthwhile = availableParallelism() > 1;
  readonly #wager = new Wager();
  #idleSince = 0;
  #turnBegan = 0;
  #cameSoon = false;
  #isLingering = false;

  /**
   * @param poll - takes what has come, and runs it; false when nothing has
   * @param isBusy - true while a call goes on in microtasks, which have to run first
   * @param tell - told when it begins and ends to look out
   */
  constructor(
    private readonly poll: () => boolean,
    private readonly isBusy: () => boolean,
    private readonly tell: (lingering: boolean) => void,
  ) {}

  /** The loop has brought a call. */
  woken(): void {
    this.#turnBegan = performance.now();
    this.#cameSoon = this.#turnBegan - this.#idleSince < SOON_MS;
  }

  /** All calls are answered. */
  linger(): void {
    if (this.#isLingering || !this.#isWorthwhile) return;
    let now = (this.#idleSince = performance.now());
    if (!this.#cameSoon || !this.#wager.isOn()) return;
    this.#isLingering = true;
    this.tell(true);
    while (now - this.#turnBegan < WITHOUT_TURN_MS) {
      if (this.poll()) {
        this.#wager.won();
        // It is told again when the call is answered.
        if (this.isBusy()) break;
        this.#idleSince = performance.now();
      }
      now = performance.now();
      if (now - this.#idleSince < LINGER_MS) continue;
      this.#cameSoon = false;
      this.#wager.lost();
      this.tell(false);
      break;
    }
    this.#isLingering = false;
    if (this.#cameSoon && !this.isBusy()) setImmediate(this.#lingerOn);
  }

  /** After a turn of the loop. */
  readonly #lingerOn = (): void => {
    if (this.isBusy()) return;
    this.#turnBegan = performance.now();
    this.linger();
  };
}
