import { now } from '../calls/clock';
import { InvalidOptionError } from '../calls/errors';
import { PATROL_MS } from './patrol';
import { isLit, ownBeacon } from './thread-beacon';

/** The most threads that share one primitive at a time. */
const MAX_MEMBERS = 128;

/** From here on, who joins looks for the dead. */
const MANY_MEMBERS = 8;
/** The number of who finds the table full, while it looks for the dead: only a member can bury them. */
const ANTEROOM = MAX_MEMBERS;
/** One more than any member has as its number. */
export const MEMBER_NUMBERS = MAX_MEMBERS + 1;
/** How often to look for room in a full table, and how long to sleep in between: others may be about it. */
const JOIN_TRIES = 20;
const NAP_MS = 1;

/** Words of the table: how many slots were ever used, who reaps, and two words for each member. */
const USED = 0;
const REAPER = 1;
const SLOTS = 2;
const SLOT_WORDS = 2;
export const MEMBERS_WORDS = SLOTS + SLOT_WORDS * MEMBER_NUMBERS;

/** What keeps state of members, and has to give it up when one dies. */
export interface Estate {
  /**
   * Gives up what a dead member held. It may be called again for the same member, and runs in one thread at a time.
   *
   * @returns false when it has to be tried again
   */
  bury(member: number): boolean;
}

/**
 * The threads that share a primitive, each under a small number that its words in shared memory use. A dead
 * member's number is used again only when all that it held has been given up.
 */
export class Members {
  readonly #words: Int32Array;
  readonly #base: number;
  readonly #estates: Estate[] = [];
  #self = -1;
  #nextReap = 0;

  constructor(words: Int32Array, base: number) {
    this.#words = words;
    this.#base = base;
  }

  addEstate(estate: Estate): void {
    this.#estates.push(estate);
  }

  /** This thread's number: it joins when it is first asked for, and gets the number that it had before, if any. */
  get self(): number {
    return this.#self < 0 ? this.#join() : this.#self;
  }

  /** Joins now, where it would be too late later: the table may be full. */
  join(): void {
    if (this.#self < 0) this.#join();
  }

  /** No member has a number as high. */
  get used(): number {
    return Atomics.load(this.#words, this.#base + USED);
  }

  /**
   * As {@link reap}, at most as often as those who wait do it: for those who ask again and again, and wait so shortly
   * that they never come to it. Returns whether it was time.
   */
  reapNowAndThen(): boolean {
    const time = now();
    if (time < this.#nextReap) return false;
    this.#nextReap = time + PATROL_MS;
    this.join();
    this.reap();
    return true;
  }

  isAlive(member: number): boolean {
    const slot = this.#slot(member);
    const token = Atomics.load(this.#words, slot + 1);
    // Without a token it is just joining.
    return token === 0 || isLit(Atomics.load(this.#words, slot), token);
  }

  /**
   * Buries the members that have died, unless another thread is about it. Members alone do so: who is none would be
   * taken for dead itself, and of two at work one might free a number that another thread has taken meanwhile.
   */
  reap(): void {
    if (this.#self < 0) return;
    const { token } = ownBeacon();
    const reaper = this.#base + REAPER;
    const current = Atomics.load(this.#words, reaper);
    if (current !== 0 && this.#hasLiveMember(current)) return;
    if (Atomics.compareExchange(this.#words, reaper, current, token) !== current) return;
    for (let member = 0; member < this.used; member++) {
      const slot = this.#slot(member);
      if (member === this.#self || Atomics.load(this.#words, slot) === 0 || this.isAlive(member)) continue;
      if (this.#estates.every((estate) => estate.bury(member))) this.#free(member);
    }
    Atomics.compareExchange(this.#words, reaper, token, 0);
  }

  #join(): number {
    const before = this.#find(ownBeacon().token);
    if (before >= 0) return (this.#self = before);
    for (let tries = 0; tries < JOIN_TRIES; tries++) {
      for (let member = 0; member < MAX_MEMBERS; member++) {
        if (!this.#take(member)) continue;
        // Those who never wait do not notice deaths: the table must not fill up with them.
        if (member >= MANY_MEMBERS) this.reap();
        return member;
      }
      // Full, perhaps of the dead, with nobody left to bury them.
      if (this.#take(ANTEROOM)) this.#leaveAnteroom();
      if (tries > 0) this.#nap();
    }
    throw new InvalidOptionError(
      `More than ${MAX_MEMBERS} threads share one primitive: expected fewer. Hand it to fewer workers.`,
    );
  }

  /** Takes a number, unless another has it. */
  #take(member: number): boolean {
    const { lamp, token } = ownBeacon();
    const slot = this.#slot(member);
    if (Atomics.compareExchange(this.#words, slot, 0, lamp) !== 0) return false;
    Atomics.store(this.#words, slot + 1, token);
    this.#raiseUsed(member + 1);
    this.#self = member;
    return true;
  }

  #nap(): void {
    const anteroom = this.#slot(ANTEROOM);
    Atomics.wait(this.#words, anteroom, Atomics.load(this.#words, anteroom), NAP_MS);
  }

  #leaveAnteroom(): void {
    this.reap();
    this.#self = -1;
    this.#free(ANTEROOM);
  }

  #raiseUsed(used: number): void {
    for (let seen = this.used; seen < used; seen = this.used) {
      Atomics.compareExchange(this.#words, this.#base + USED, seen, used);
    }
  }

  #hasLiveMember(token: number): boolean {
    const member = this.#find(token);
    return member >= 0 && this.isAlive(member);
  }

  #find(token: number): number {
    for (let member = 0; member < this.used; member++) {
      if (Atomics.load(this.#words, this.#slot(member) + 1) === token) return member;
    }
    return -1;
  }

  #free(member: number): void {
    const slot = this.#slot(member);
    Atomics.store(this.#words, slot + 1, 0);
    Atomics.store(this.#words, slot, 0);
  }

  #slot(member: number): number {
    return this.#base + SLOTS + SLOT_WORDS * member;
  }
}
