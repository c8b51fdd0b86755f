type WaitAsync = (
  words: Int32Array,
  index: number,
  value: number,
) => { async: false } | { async: true; value: Promise<unknown> };

/** `Atomics.waitAsync`, which the library of TypeScript knows only as of ES2024. */
const { waitAsync } = Atomics as unknown as { waitAsync: WaitAsync };

/**
 * Watches words of shared memory without blocking, for one change at a time: a wait cannot be taken back. One whose
 * change never comes, as after a timeout, must not hold who watched, and that memory: those who wait are held elsewhere.
 */
export class WordWatch {
  readonly #self = new WeakRef(this);
  #isOn = false;

  /** @param onChange - called in a turn of the loop after the change */
  constructor(
    private readonly words: Int32Array,
    private readonly onChange: () => void,
  ) {}

  /** True while it watches, be it this word or, from before, another; false when the word has another value already. */
  watch(index: number, value: number): boolean {
    if (this.#isOn) return true;
    const wake = waitAsync(this.words, index, value);
    if (!wake.async) return false;
    this.#isOn = true;
    const self = this.#self;
    void wake.value.then(() => self.deref()?.changed());
    return true;
  }

  private changed(): void {
    this.#isOn = false;
    this.onChange();
  }
}
