const FIRST_PAUSE = 8;
const LONGEST_PAUSE = 64;

/**
 * Whether to try something that saves time when it works out and costs time when it does not, as staying awake
 * does: after each loss it is left alone for twice as long, and each win halves that.
 */
export class Wager {
  #pause = FIRST_PAUSE;
  #left = 0;

  isOn(): boolean {
    if (this.#left === 0) return true;
    this.#left--;
    return false;
  }

  won(): void {
    if (this.#pause > FIRST_PAUSE) this.#pause >>= 1;
  }

  lost(): void {
    this.#left = this.#pause;
    this.#pause = Math.min(LONGEST_PAUSE, this.#pause * 2);
  }
}
