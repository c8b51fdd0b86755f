import { availableParallelism } from 'node:os';
import { clock } from '../../calls/clock';
import { Wakefulness } from '../../calls/wire/wakefulness';

/** How long to stay awake: about what waking up costs. */
const AWAKE_MS = 0.1;
/** Calls come in a row when the next is sent so soon after the last was answered. */
const SOON_MS = 0.1;
/** What takes so long does so either way. */
const LONG_MS = 1;
/** So many calls make a trial. */
const TRIAL = 16;
/** What the change itself costs is no matter of either way. */
const SKIPPED = 2;
/** So many go one way before the other is tried: first those that have the engine compile, and its threads busy. */
const FIRST_PAUSE = 2_048;
const LONGEST_PAUSE = 16_384;

/** On one core, the one that is looked out for could not run. */
const mayStayAwake = availableParallelism() > 1;

/**
 * Whether to stay awake for the outcome of a call that is alone, or to sleep until it comes. To be woken up takes
 * longer than a short call; but one that stays awake may be in the way of the one that is to run, and which of both
 * takes longer depends on the machine, and on what else runs there. So, where calls come in a row, both are tried,
 * and the way that took less time is taken for twice as long each time, before the other is tried again.
 */
export class Lookout {
  readonly #wakefulness = new Wakefulness();
  #sentAt = 0;
  #answeredAt = 0;
  #isAwake = false;
  /** What a call took on average, asleep and awake; 0 when it was not tried. */
  readonly #means: [asleep: number, awake: number] = [0, 0];
  #pause = FIRST_PAUSE;
  /** How many calls are to go the present way, how many did, and how long these took. */
  #turn = FIRST_PAUSE;
  #noted = 0;
  #sum = 0;

  /** Calls are sent; for one that is alone in flight, it may stay awake, and returns true. */
  sends(isAlone: boolean): boolean {
    if (!isAlone) {
      this.#sentAt = 0;
      return false;
    }
    const now = clock.now();
    const isInRow = now - this.#answeredAt < SOON_MS;
    this.#sentAt = isInRow ? now : 0;
    const staysAwake = isInRow && this.#isAwake && mayStayAwake;
    if (staysAwake) this.#wakefulness.begin(AWAKE_MS);
    return staysAwake;
  }

  /** All calls are answered. */
  answered(): void {
    this.#wakefulness.end();
    this.#answeredAt = clock.now();
    const ms = this.#answeredAt - this.#sentAt;
    this.#sentAt = 0;
    if (ms < LONG_MS) this.#note(ms);
  }

  #note(ms: number): void {
    if (++this.#noted > SKIPPED) this.#sum += ms;
    const other = this.#means[this.#isAwake ? 0 : 1];
    const isTrial = this.#turn === TRIAL;
    const hasLost = isTrial && other > 0 && this.#sum > other * (TRIAL - SKIPPED);
    if (this.#noted < this.#turn && !hasLost) return;
    this.#means[this.#isAwake ? 1 : 0] = this.#sum / (this.#noted - SKIPPED);
    if (isTrial && other > 0) {
      this.#pause = Math.min(LONGEST_PAUSE, this.#pause * 2);
      this.#turn = this.#pause;
      this.#isAwake = this.#means[1] < this.#means[0];
    } else {
      this.#turn = TRIAL;
      this.#isAwake = !this.#isAwake;
    }
    this.#noted = 0;
    this.#sum = 0;
  }
}
