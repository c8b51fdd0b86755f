import { clock, setImmediate } from '../clock';

/**
 * Keeps the loop turning for a while, so that what comes meanwhile is read at once: to be woken up takes longer than
 * a short call.
 */
export class Wakefulness {
  #until = 0;
  #isTurning = false;

  /** For so many milliseconds, from now on. */
  begin(ms: number): void {
    this.#until = clock.now() + ms;
    if (this.#isTurning) return;
    this.#isTurning = true;
    setImmediate(this.#turn);
  }

  /** What was looked out for has come. */
  end(): void {
    this.#until = 0;
  }

  readonly #turn = (): void => {
    this.#isTurning = this.#until > 0 && clock.now() < this.#until;
    if (this.#isTurning) setImmediate(this.#turn);
  };
}
