/**
 * Where the members of a line wait. A member has two places: one for the first of its promises, which wait
 * without blocking, and one for the thread itself. Who comes draws a ticket and writes it with its need into
 * its place:
 *
 *   idle -> waiting -> granted -> idle       its turn came: it was granted, and took the grant
 *              +-----------------> idle       it gave up: only who still waits can be granted
 */
import { MEMBER_NUMBERS, type Members } from './members';

/** The two places of a member. */
export const Place = { async: 0, sync: 1 } as const;

const TICKETS = 0;
const WAITERS = 1;
const UNGRANTED = 2;
const FIRST_PLACE = 3;
/** A place: its phase with the ticket, the ticket in full, the need, the grant. */
const PLACE_WORDS = 4;
const TICKET = 1;
const NEED = 2;
const GRANT = 3;
export const PLACES_WORDS = FIRST_PLACE + PLACE_WORDS * 2 * MEMBER_NUMBERS;

const Phase = { idle: 0, waiting: 1, granted: 2 } as const;
const phaseOf = (state: number): number => state & 3;
/** With the ticket, so that a late grant of a place that was used again fails. */
const stateOf = (ticket: number, phase: number): number => (ticket << 2) | phase;

/** No grant. */
export const NONE = -1;

export class Places {
  constructor(
    private readonly members: Members,
    private readonly words: Int32Array,
    private readonly base: number,
  ) {}

  /**
   * True when someone is in line, those included whose grant is on its way. The counts may be one too many for each
   * thread that died just as it came or went, never one too few: who would keep others out has to be seen.
   */
  get hasWaiters(): boolean {
    return Atomics.load(this.words, this.base + WAITERS) > 0 && this.#isAnyTaken();
  }

  /** How many have no grant yet; one too many costs a look. */
  get ungranted(): number {
    return Atomics.load(this.words, this.base + UNGRANTED);
  }

  draw(): number {
    return Atomics.add(this.words, this.base + TICKETS, 1);
  }

  enter(place: number, need: number, ticket: number): void {
    const index = this.indexOf(this.members.self, place);
    // Counted before it can be seen: who finds nobody waiting must not have passed anyone.
    Atomics.add(this.words, this.base + WAITERS, 1);
    Atomics.add(this.words, this.base + UNGRANTED, 1);
    Atomics.store(this.words, index + TICKET, ticket);
    Atomics.store(this.words, index + NEED, need);
    Atomics.store(this.words, index, stateOf(ticket, Phase.waiting));
  }

  /**
   * Leaves a place: with its ticket, and with the grant when its turn has come.
   *
   * @param confirm - takes the grant; until then it counts as on its way
   */
  leave(place: number, confirm: (grant: number) => void): { ticket: number; grant: number } | undefined {
    const index = this.indexOf(this.members.self, place);
    if (phaseOf(Atomics.load(this.words, index)) === Phase.idle) return undefined;
    const ticket = Atomics.load(this.words, index + TICKET);
    const waited = stateOf(ticket, Phase.waiting);
    let grant = NONE;
    if (Atomics.compareExchange(this.words, index, waited, Phase.idle) !== waited) {
      grant = Atomics.load(this.words, index + GRANT);
      confirm(grant);
      Atomics.store(this.words, index, Phase.idle);
    } else Atomics.sub(this.words, this.base + UNGRANTED, 1);
    Atomics.sub(this.words, this.base + WAITERS, 1);
    return { ticket, grant };
  }

  /** Makes a place grantable to nobody: its member has died. */
  vacate(member: number): void {
    for (const place of [Place.async, Place.sync]) {
      const index = this.indexOf(member, place);
      const phase = phaseOf(Atomics.exchange(this.words, index, Phase.idle));
      if (phase !== Phase.idle) Atomics.sub(this.words, this.base + WAITERS, 1);
      if (phase === Phase.waiting) Atomics.sub(this.words, this.base + UNGRANTED, 1);
    }
  }

  /** The state of a place, to wait for its change. */
  stateAt(index: number): number {
    return Atomics.load(this.words, index);
  }

  ticketAt(index: number): number {
    return Atomics.load(this.words, index + TICKET);
  }

  needAt(index: number): number {
    return Atomics.load(this.words, index + NEED);
  }

  isGranted(state: number): boolean {
    return phaseOf(state) === Phase.granted;
  }

  isIdle(state: number): boolean {
    return phaseOf(state) === Phase.idle;
  }

  /** Grants the place if it still waits as it did in `state`, and wakes who waits there. */
  grant(index: number, state: number, grant: number): boolean {
    Atomics.store(this.words, index + GRANT, grant);
    const granted = stateOf(this.ticketAt(index), Phase.granted);
    if (Atomics.compareExchange(this.words, index, state, granted) !== state) return false;
    Atomics.sub(this.words, this.base + UNGRANTED, 1);
    Atomics.notify(this.words, index);
    return true;
  }

  /** The index of the place that has waited longest, or -1. */
  oldest(): number {
    let oldest = -1;
    let first = 0;
    const end = this.indexOf(this.members.used, 0);
    for (let index = this.base + FIRST_PLACE; index < end; index += PLACE_WORDS) {
      if (phaseOf(Atomics.load(this.words, index)) !== Phase.waiting) continue;
      const ticket = this.ticketAt(index);
      // Tickets wrap: the difference still tells which is older.
      if (oldest >= 0 && ((ticket - first) | 0) >= 0) continue;
      oldest = index;
      first = ticket;
    }
    return oldest;
  }

  #isAnyTaken(): boolean {
    const end = this.indexOf(this.members.used, 0);
    for (let index = this.base + FIRST_PLACE; index < end; index += PLACE_WORDS) {
      if (!this.isIdle(Atomics.load(this.words, index))) return true;
    }
    return false;
  }

  /** How many have been granted and have not taken it yet, and what they need together. */
  outstanding(): { grants: number; need: number } {
    let grants = 0;
    let need = 0;
    const end = this.indexOf(this.members.used, 0);
    for (let index = this.base + FIRST_PLACE; index < end; index += PLACE_WORDS) {
      if (phaseOf(Atomics.load(this.words, index)) !== Phase.granted) continue;
      grants++;
      need += this.needAt(index);
    }
    return { grants, need };
  }

  /** Where a member waits, as an index into the words. */
  indexOf(member: number, place: number): number {
    return this.base + FIRST_PLACE + (member * 2 + place) * PLACE_WORDS;
  }

  memberAt(index: number): number {
    return ((index - this.base - FIRST_PLACE) / PLACE_WORDS) >> 1;
  }
}
