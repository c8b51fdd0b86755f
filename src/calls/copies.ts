/** Larger memory is not kept: such copies are rare, and it would be held for long. */
const MOST_BYTES = 4 * 1024 * 1024;

/**
 * Copies of what is written to a pipe, for it may take a while, and the memory may be the caller's own. The memory
 * of the last copy serves for the next: made anew each time, most of the garbage collector's work would be for it.
 */
export class Copies {
  /** Nobody else has this memory, as from the pool of Node.js it would be. */
  #spare: Buffer | undefined;

  /** @param write - writes the copy, and tells when it is written */
  write(bytes: Uint8Array, write: (copy: Buffer, done: () => void) => void): void {
    const memory = this.#memory(bytes.length);
    memory.set(bytes);
    write(memory.subarray(0, bytes.length), () => {
      if (memory.length <= MOST_BYTES) this.#spare = memory;
    });
  }

  #memory(length: number): Buffer {
    const spare = this.#spare;
    if (!spare || spare.length < length) return Buffer.allocUnsafeSlow(length);
    this.#spare = undefined;
    return spare;
  }
}
