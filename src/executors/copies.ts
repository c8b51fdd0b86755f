/** Larger copies are not kept: they are rare, and would be held for long. */
const MOST_BYTES = 4 * 1024 * 1024;

/**
 * Copies of what is written to a pipe, for it may take a while, and the memory may be the caller's own. The memory
 * of the last copy serves for the next: made anew each time, most of the garbage collector's work would be for it.
 */
export class Copies {
  #spare: Buffer | undefined;

  of(bytes: Uint8Array): Buffer {
    const spare = this.#spare;
    if (!spare || spare.length < bytes.length) return Buffer.from(bytes);
    this.#spare = undefined;
    spare.set(bytes);
    return spare.subarray(0, bytes.length);
  }

  /** The copy was written. */
  done(copy: Buffer): void {
    if (copy.buffer.byteLength <= MOST_BYTES) this.#spare = Buffer.from(copy.buffer);
  }
}
