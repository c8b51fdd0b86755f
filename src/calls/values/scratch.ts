/** Memory that values are written to before they go out. Writers may share it. */
export class Scratch {
  readonly words: Int32Array;
  readonly bytes: Buffer;
  isTaken = false;

  constructor(words: number) {
    this.words = new Int32Array(words);
    this.bytes = Buffer.from(this.words.buffer);
  }
}
