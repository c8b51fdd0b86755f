/** No more memory than this is kept: larger copies are rare, and it would be held for long. */
const MOST_BYTES = 4 * 1024 * 1024;

/**
 * Copies of what is written to a pipe, for it may take a while, and the memory may be the caller's own. The memory
 * of earlier copies serves for later ones: made anew each time, most of the garbage collector's work would be for it.
 */
export class Copies {
  /** Nobody else has this memory, as from the pool of Node.js it would be. What was written last comes first. */
  readonly #spares: Buffer[] = [];
  #spareBytes = 0;

  /** @param write - writes the copy, and tells when it is written */
  write(bytes: Uint8Array, write: (copy: Buffer, done: () => void) => void): void {
    const memory = this.#memory(bytes.length);
    memory.set(bytes);
    write(memory.subarray(0, bytes.length), () => this.#keep(memory));
  }

  #memory(length: number): Buffer {
    const spare = this.#spares.pop();
    if (!spare) return Buffer.allocUnsafeSlow(length);
    this.#spareBytes -= spare.length;
    return spare.length < length ? Buffer.allocUnsafeSlow(length) : spare;
  }

  #keep(memory: Buffer): void {
    if (this.#spareBytes + memory.length > MOST_BYTES) return;
    this.#spareBytes += memory.length;
    this.#spares.push(memory);
  }
}
