import { DeadlockError } from '../calls/errors';
import { Line, LINE_WORDS } from './line';
import { Members, MEMBERS_WORDS } from './members';
import { NONE } from './places';
import { HEADER_WORDS, PARAMETER } from './shared-memory';
import { deadlineOf, timedOut, type SyncWaitOptions, type WaitOptions } from './wait-options';

/**
 * A permit's word: free, free after its holder died, or who holds it. A holder's word has, from the lowest bit:
 * whether the holder before it died, whether the grant is still on its way to its waiter, the member's number
 * plus one, and its ticket as far as there is room.
 */
const FREE = 0;
const ABANDONED = -1;
const AFTER_ABANDONED = 1;
const ON_ITS_WAY = 2;
const MEMBER_SHIFT = 2;
const MEMBER_MASK = 0xff;
const TICKET_SHIFT = 10;
const TICKET_MASK = 0x1fffff;

const memberOf = (word: number): number => ((word >> MEMBER_SHIFT) & MEMBER_MASK) - 1;
const heldBy = (member: number, free: number): number =>
  ((member + 1) << MEMBER_SHIFT) | (free === ABANDONED ? AFTER_ABANDONED : 0);

const LINE = HEADER_WORDS + MEMBERS_WORDS;
const PERMITS = LINE + LINE_WORDS;

/** How many words the memory of so many permits takes. */
export const permitsWords = (permits: number): number => PERMITS + permits;

/** Permits that threads share: each one is free, or held by exactly one holder, whose thread it names. */
export class Permits extends Line {
  readonly count: number;

  constructor(words: Int32Array) {
    super(new Members(words, HEADER_WORDS), words, LINE);
    this.count = words[PARAMETER];
  }

  /** How many could be had now: what a dead holder left too, although it is taken over only when someone acquires. */
  get available(): number {
    const alive = new Set<number>();
    let available = 0;
    for (let permit = 0; permit < this.count; permit++) {
      const word = this.#load(permit);
      const holder = memberOf(word);
      if (word > FREE && (alive.has(holder) || this.members.isAlive(holder))) alive.add(holder);
      else available++;
    }
    return available;
  }

  /** Takes a permit that is free and that nobody waits for, or returns {@link NONE}. */
  tryTake(): number {
    const permit = this.#tryTake();
    // The one that holds it, or stands in line, may have died.
    return permit === NONE && this.members.reapNowAndThen() ? this.#tryTake() : permit;
  }

  async take(what: string, options: WaitOptions | undefined): Promise<number> {
    options?.signal?.throwIfAborted();
    const permit = this.tryTake();
    if (permit !== NONE) return permit;
    if (options?.timeoutMs === 0) throw timedOut(what, options);
    return this.wait(what, 0, options);
  }

  /** @throws {@link DeadlockError} when all permits are held in this thread, which would stand still */
  takeSync(what: string, options: SyncWaitOptions | undefined): number {
    let permit = this.tryTake();
    if (permit !== NONE) return permit;
    if (options?.timeoutMs === 0) throw timedOut(what, options);
    if (this.#isAllMine()) {
      throw new DeadlockError(
        `${what} would wait for ever: this thread holds it already, and cannot release it while it waits in place. ` +
          `Release it first, or wait with the async form.`,
      );
    }
    permit = this.waitSync(0, deadlineOf(options));
    if (permit === NONE) throw timedOut(what, options);
    return permit;
  }

  /** True when the holder before died while it held the permit. */
  wasAbandoned(permit: number): boolean {
    return (this.#load(permit) & AFTER_ABANDONED) !== 0;
  }

  release(permit: number): void {
    Atomics.store(this.words, PERMITS + permit, FREE);
    if (this.needsPump) this.pump();
  }

  protected override reserve(member: number, ticket: number): number {
    return this.#takeFor(heldBy(member, FREE) | ON_ITS_WAY | ((ticket & TICKET_MASK) << TICKET_SHIFT));
  }

  protected override unreserve(permit: number): void {
    const free = this.wasAbandoned(permit) ? ABANDONED : FREE;
    Atomics.store(this.words, PERMITS + permit, free);
  }

  protected override confirm(permit: number): void {
    Atomics.and(this.words, PERMITS + permit, ~ON_ITS_WAY);
  }

  protected override giveBack(permit: number): void {
    this.unreserve(permit);
    if (this.needsPump) this.pump();
  }

  /** A permit may be on its way to a waiter that nobody told. */
  protected override recover(): void {
    for (let permit = 0; permit < this.count; permit++) {
      const word = this.#load(permit);
      if (word > FREE && (word & ON_ITS_WAY) !== 0 && !this.#deliver(word, permit)) this.unreserve(permit);
    }
  }

  protected override inherit(member: number): void {
    for (let permit = 0; permit < this.count; permit++) {
      const word = this.#load(permit);
      if (word <= FREE || memberOf(word) !== member) continue;
      // What was only on its way was never held.
      if ((word & ON_ITS_WAY) !== 0) this.unreserve(permit);
      else Atomics.store(this.words, PERMITS + permit, ABANDONED);
    }
  }

  #tryTake(): number {
    return this.hasWaiters ? NONE : this.#takeFor(heldBy(this.members.self, FREE));
  }

  #takeFor(holder: number): number {
    for (let permit = 0; permit < this.count; permit++) {
      const free = this.#load(permit);
      if (free > FREE) continue;
      const word = free === ABANDONED ? holder | AFTER_ABANDONED : holder;
      if (Atomics.compareExchange(this.words, PERMITS + permit, free, word) === free) return permit;
    }
    return NONE;
  }

  /** Ends a grant that a dead pumper began; false when its waiter has gone. */
  #deliver(word: number, permit: number): boolean {
    for (const place of [0, 1]) {
      const index = this.places.indexOf(memberOf(word), place);
      const state = this.places.stateAt(index);
      const isIts = ((this.places.ticketAt(index) ^ (word >> TICKET_SHIFT)) & TICKET_MASK) === 0;
      if (this.places.isIdle(state) || !isIts) continue;
      if (this.places.isGranted(state) || this.places.grant(index, state, permit)) return true;
    }
    return false;
  }

  #isAllMine(): boolean {
    // Before any look: to join may take a while, and the number may be that of a holder that has died meanwhile.
    const { self } = this.members;
    for (let permit = 0; permit < this.count; permit++) {
      const word = this.#load(permit);
      // What is on its way to a promise of this thread can be taken in its stead.
      if (word <= FREE || (word & ON_ITS_WAY) !== 0 || memberOf(word) !== self) return false;
    }
    return true;
  }

  #load(permit: number): number {
    return Atomics.load(this.words, PERMITS + permit);
  }
}
