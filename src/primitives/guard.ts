import { now } from '../calls/clock';
import { PATROL_MS } from './patrol';
import type { Members } from './members';

/** How often to look before anything else is tried: about as long as the work under a guard takes. */
const LOOKS = 200;
/** How long to sleep at a time: the holder may have lost its core. */
const NAP_MS = 1;

/** Keeps short work in shared memory apart: some hundred nanoseconds, in which no code of the user runs. */
export class Guard {
  constructor(
    private readonly members: Members,
    private readonly words: Int32Array,
    private readonly index: number,
  ) {}

  /** Enters; false when another thread has been at it for longer than usual. */
  tryEnter(): boolean {
    const me = this.members.self + 1;
    if (Atomics.compareExchange(this.words, this.index, 0, me) === 0) return true;
    for (let look = 0; look < LOOKS; look++) {
      if (Atomics.load(this.words, this.index) !== 0) continue;
      if (Atomics.compareExchange(this.words, this.index, 0, me) === 0) return true;
    }
    return false;
  }

  /** Enters, waiting in place. */
  enter(): void {
    let nextReap = 0;
    while (!this.tryEnter()) {
      Atomics.wait(this.words, this.index, Atomics.load(this.words, this.index), NAP_MS);
      if (nextReap === 0) nextReap = now() + PATROL_MS;
      if (now() < nextReap) continue;
      nextReap = now() + PATROL_MS;
      this.members.reap();
    }
  }

  /** Leaves, or opens the guard of a member that has died. */
  leave(): void {
    Atomics.store(this.words, this.index, 0);
  }

  get isHeld(): boolean {
    return Atomics.load(this.words, this.index) !== 0;
  }

  /** True when it is held by a member that has died. */
  get isAbandoned(): boolean {
    const holder = Atomics.load(this.words, this.index);
    return holder !== 0 && !this.members.isAlive(holder - 1);
  }

  isHeldBy(member: number): boolean {
    return Atomics.load(this.words, this.index) === member + 1;
  }
}
