/**
 * A line of those who wait for their turn, in the memory that threads share: first come, first served.
 *
 * One thread at a time pumps: it grants those whose turn it is.
 */
import { now } from '../calls/clock';
import { LocalWaiters, type LocalWaiter } from './local-waiters';
import type { Estate, Members } from './members';
import { beginPatrol, endPatrol, PATROL_MS } from './patrol';
import { NONE, Place, Places, PLACES_WORDS } from './places';
import { Pump } from './pump';
import { turn as nextTurn } from './turns';
import type { WaitOptions } from './wait-options';
import { WordWatch } from './word-watch';

export const LINE_WORDS = PLACES_WORDS + 1;

/** The turn of a promise. */
interface Turn {
  /** Drawn when it came: it keeps its place among those of other threads, who know of the first one only. */
  readonly ticket: number;
  /** What it needs before its turn can come, in units of the line. */
  readonly need: number;
}

export abstract class Line implements Estate {
  protected readonly places: Places;
  readonly #local = new LocalWaiters<Turn>();
  readonly #pump: Pump;
  /** Of the place for promises. */
  readonly #placeWatch: WordWatch;
  readonly #confirm = (grant: number): void => this.confirm(grant);

  protected constructor(
    protected readonly members: Members,
    protected readonly words: Int32Array,
    base: number,
  ) {
    this.places = new Places(members, words, base);
    this.#pump = new Pump(members, words, base + PLACES_WORDS, () => this.#grantAll());
    this.#placeWatch = new WordWatch(words, () => this.#watch());
    members.addEstate(this);
  }

  /** Takes what a waiter waits for, on its behalf, or returns {@link NONE}. Only the pumper calls it. */
  protected abstract reserve(member: number, ticket: number, need: number): number;
  /** Undoes a reservation: the waiter gave up. */
  protected abstract unreserve(grant: number): void;
  /** The waiter takes what was reserved for it. */
  protected abstract confirm(grant: number): void;
  /** Passes on what a waiter was granted and has no use for. */
  protected abstract giveBack(grant: number): void;
  /** Ends what a pumper that died left half done. */
  protected abstract recover(): void;
  /** Gives up what a dead member held. */
  protected abstract inherit(member: number): void;

  /** True when someone waits, in any thread. */
  get hasWaiters(): boolean {
    return this.places.hasWaiters;
  }

  /** True when someone waits who has not been granted anything yet: what comes free is worth a {@link pump}. */
  get needsPump(): boolean {
    return this.places.ungranted > 0;
  }

  /** How many promises of this thread wait. */
  get localWaiters(): number {
    return this.#local.size;
  }

  /**
   * Waits in line without blocking; resolves to the grant.
   *
   * @param take - takes what was granted, at once: who finds that it has gone keeps its place, and nobody behind it is
   *   woken for nothing; it returns false then
   * @param deadline - when the time of `options` is over. Default: it begins now
   * @throws the signal's reason when it has aborted already, {@link InvalidOptionError} when there are too many members:
   *   the line stays as it is then
   */
  wait(
    what: string,
    need: number,
    options: WaitOptions | undefined,
    take?: () => boolean,
    deadline?: number,
  ): Promise<number> {
    this.members.join();
    const turn = { need, ticket: this.places.draw() };
    const grant = this.#local.add(what, turn, options, (wasFirst) => this.#onGone(wasFirst), take, deadline);
    if (this.#local.size === 1) {
      this.members.reapNowAndThen();
      beginPatrol(this);
      this.#enter(Place.async, turn);
      this.#watch();
    }
    return grant;
  }

  /**
   * Waits in line in place; {@link NONE} when the time came first.
   *
   * @param take - as in {@link wait}
   */
  waitSync(need: number, deadline: number, take?: () => boolean): number {
    this.members.reapNowAndThen();
    // The promises of this thread cannot have their turn while it stands still: it goes before them, in their place.
    const stolen = this.#local.size > 0 ? this.places.leave(Place.async, this.#confirm) : undefined;
    const drawn = this.places.draw();
    const turn = { need, ticket: stolen ? stolen.ticket : drawn };
    let grant = stolen ? stolen.grant : NONE;
    try {
      while (grant === NONE || take?.() === false) {
        this.#enter(Place.sync, turn);
        grant = this.#sleep(deadline);
        if (grant === NONE) break;
      }
      return grant;
    } finally {
      if (stolen && grant !== NONE) this.#moveBack(drawn);
      const first = stolen && this.#local.first;
      if (first) {
        this.#enter(Place.async, first.turn);
        this.#watch();
      }
    }
  }

  /** Grants all whose turn it is: to be called when what they wait for may be there. */
  pump(): void {
    this.#pump.run();
  }

  patrol(): void {
    this.members.reap();
    this.pump();
    this.#watch();
  }

  bury(member: number): boolean {
    return this.#pump.runAfter(member, (wasAtWork) => {
      if (wasAtWork) this.recover();
      this.places.vacate(member);
      this.inherit(member);
    });
  }

  #grantAll(): void {
    for (;;) {
      const index = this.places.oldest();
      if (index < 0) return;
      const state = this.places.stateAt(index);
      if (this.places.isIdle(state)) continue;
      const ticket = this.places.ticketAt(index);
      const grant = this.reserve(this.places.memberAt(index), ticket, this.places.needAt(index));
      if (grant === NONE) return;
      if (!this.places.grant(index, state, grant)) this.unreserve(grant);
    }
  }

  #enter(place: number, { need, ticket }: Turn): void {
    this.places.enter(place, need, ticket);
    this.pump();
  }

  /** The first ticket of this thread is spent: each of its promises has the next one's, and the last has `ticket`. */
  #moveBack(ticket: number): void {
    let before: LocalWaiter<Turn> | undefined;
    for (const waiter of this.#local) {
      if (before) before.turn = { ...before.turn, ticket: waiter.turn.ticket };
      before = waiter;
    }
    if (before) before.turn = { ...before.turn, ticket };
  }

  #sleep(deadline: number): number {
    const index = this.places.indexOf(this.members.self, Place.sync);
    for (;;) {
      const state = this.places.stateAt(index);
      const left = deadline - now();
      if (this.places.isGranted(state) || left <= 0) {
        return this.places.leave(Place.sync, this.#confirm)?.grant ?? NONE;
      }
      if (Atomics.wait(this.words, index, state, Math.min(left, PATROL_MS)) !== 'timed-out') continue;
      this.members.reap();
      this.pump();
    }
  }

  /** Serves promises whose turn has come, and has this thread woken for the next. */
  #watch(): void {
    const index = this.places.indexOf(this.members.self, Place.async);
    for (;;) {
      const state = this.places.stateAt(index);
      if (!this.places.isGranted(state)) {
        if (this.places.isIdle(state) || this.#placeWatch.watch(index, state)) return;
      } else if (!this.#serve()) {
        // Another thread may be at it right now: it would be granted again and again, in place.
        void nextTurn().then(() => this.#watch());
        return;
      }
    }
  }

  /** False when the first promise has found nothing, and keeps its place. */
  #serve(): boolean {
    const grant = this.places.leave(Place.async, this.#confirm)?.grant ?? NONE;
    const { first } = this.#local;
    const isServed = first?.resolve(grant) !== false;
    if (first && isServed) this.#local.remove(first);
    const next = this.#local.first;
    if (next) this.#enter(Place.async, next.turn);
    else endPatrol(this);
    if (!first && grant !== NONE) this.giveBack(grant);
    return isServed;
  }

  /** A promise gave up: a turn that it was just given goes to the next one. */
  #onGone(wasFirst: boolean): void {
    if (!wasFirst) return;
    const left = this.places.leave(Place.async, this.#confirm);
    const next = this.#local.first;
    if (next) this.#enter(Place.async, next.turn);
    else endPatrol(this);
    if (left && left.grant !== NONE) this.giveBack(left.grant);
    // Who stood behind it may need less.
    else this.pump();
    this.#watch();
  }
}
