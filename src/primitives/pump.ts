import type { Members } from './members';

/** In the word, beside the number of the thread at work plus one: there is more to do. */
const MORE = 1 << 8;
/** How often to look again for a thread that is about to end its work. */
const LOOKS = 10_000;

/**
 * Work in shared memory that one thread at a time does for all. Others leave it a note and go on, so that nobody
 * waits for it; if it dies at work, the next one that buries it takes over.
 */
export class Pump {
  /** @param index - of the word that names the thread at work */
  constructor(
    private readonly members: Members,
    private readonly words: Int32Array,
    private readonly index: number,
    private readonly work: () => void,
  ) {}

  /** Works until there is nothing more to do, or has the thread that is at it do so. */
  run(): void {
    const me = this.members.self + 1;
    for (;;) {
      const current = Atomics.compareExchange(this.words, this.index, 0, me);
      if (current === 0) break;
      if ((current & MORE) !== 0) return;
      if (Atomics.compareExchange(this.words, this.index, current, current | MORE) === current) return;
    }
    this.#workOn(me);
  }

  /**
   * Works after a member has died, where it may have been at it.
   *
   * @param settle - what to do before, with nobody else at work: told whether the member died at work
   * @returns false when another thread has been at it for too long
   */
  runAfter(member: number, settle: (wasAtWork: boolean) => void): boolean {
    const me = this.members.self + 1;
    for (let looks = 0; looks <= LOOKS; looks++) {
      const current = Atomics.load(this.words, this.index);
      const wasAtWork = (current & (MORE - 1)) === member + 1;
      if (current !== 0 && !wasAtWork) continue;
      if (Atomics.compareExchange(this.words, this.index, current, me) !== current) continue;
      settle(wasAtWork);
      this.#workOn(me);
      return true;
    }
    return false;
  }

  #workOn(me: number): void {
    for (;;) {
      this.work();
      if (Atomics.compareExchange(this.words, this.index, me, 0) === me) return;
      // Someone asked for more; who asks from here on is met by the next look.
      Atomics.store(this.words, this.index, me);
    }
  }
}
