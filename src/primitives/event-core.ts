import { now } from '../calls/clock';
import { LocalWaiters } from './local-waiters';
import { beginPatrol, endPatrol } from './patrol';
import { HEADER_WORDS } from './shared-memory';
import type { WaitOptions } from './wait-options';
import { WordWatch } from './word-watch';

/** How often it was set, doubled, plus one while it is set: whoever waits sees that it was set, even if cleared since. */
const WORD = HEADER_WORDS;
export const EVENT_WORDS = HEADER_WORDS + 1;

/** What one thread does with an event. */
export class EventCore {
  /** Each with the word that it found: its turn comes with another one. */
  readonly #local = new LocalWaiters<number>();
  readonly #wordWatch: WordWatch;

  constructor(private readonly words: Int32Array) {
    this.#wordWatch = new WordWatch(words, () => this.patrol());
  }

  get isSet(): boolean {
    return (this.#load() & 1) === 1;
  }

  set(): void {
    for (let word = this.#load(); (word & 1) === 0; word = this.#load()) {
      if (Atomics.compareExchange(this.words, WORD, word, (word + 3) | 0) !== word) continue;
      Atomics.notify(this.words, WORD);
      return;
    }
  }

  clear(): void {
    for (let word = this.#load(); (word & 1) === 1; word = this.#load()) {
      if (Atomics.compareExchange(this.words, WORD, word, (word - 1) | 0) === word) return;
    }
  }

  /** True when it was set before `deadline`, on the clock of `now()`. */
  waitSync(deadline: number): boolean {
    const word = this.#load();
    if ((word & 1) === 1) return true;
    while (this.#load() === word) {
      const left = deadline - now();
      if (left <= 0) return false;
      Atomics.wait(this.words, WORD, word, left);
    }
    return true;
  }

  async wait(what: string, options: WaitOptions | undefined): Promise<void> {
    const word = this.#load();
    if ((word & 1) === 1) return;
    const turn = this.#local.add(what, word, options, () => this.#rest());
    beginPatrol(this);
    this.patrol();
    await turn;
  }

  /** Lets those go on who began to wait at another count than the present, and has this thread woken for the rest. */
  patrol(): void {
    for (;;) {
      const word = this.#load();
      for (let first = this.#local.first; first && first.turn !== word; first = this.#local.first) {
        this.#local.remove(first);
        first.resolve(0);
      }
      this.#rest();
      if (this.#local.size === 0 || this.#wordWatch.watch(WORD, word)) return;
    }
  }

  #rest(): void {
    if (this.#local.size === 0) endPatrol(this);
  }

  #load(): number {
    return Atomics.load(this.words, WORD);
  }
}
