/** Ticks beside the work, and notes the largest gap between two ticks: how long nobody else was served. */
export class Ticker {
  static readonly periodMs = 10;
  /** The time between each two ticks, in milliseconds. */
  readonly gaps: number[] = [];
  #last = performance.now();
  readonly #timer = setInterval(() => this.#tick(), Ticker.periodMs);

  #tick(): void {
    const now = performance.now();
    this.gaps.push(now - this.#last);
    this.#last = now;
  }

  /** Stops, and returns the largest gap in milliseconds, the one up to now included. */
  stop(): number {
    this.#tick();
    clearInterval(this.#timer);
    return Math.max(...this.gaps);
  }
}
