/** Most applications have fewer offloaded methods. */
const FEW = 64;

/**
 * How long calls of each method took, in milliseconds, by the index of the callable. It is read and written with
 * each call, so that it never reads beyond an array: for each method that is new, the engine would throw away what
 * it has compiled of the call's way.
 */
export class Durations {
  #ms = new Float64Array(FEW).fill(NaN);

  /** NaN when none was noted. */
  get(callable: number): number {
    return callable < this.#ms.length ? this.#ms[callable] : NaN;
  }

  set(callable: number, ms: number): void {
    if (callable >= this.#ms.length) this.#grow(callable);
    this.#ms[callable] = ms;
  }

  #grow(callable: number): void {
    const grown = new Float64Array(2 * callable).fill(NaN);
    grown.set(this.#ms);
    this.#ms = grown;
  }
}
