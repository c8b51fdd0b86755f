import { Line } from './line';
import type { Members } from './members';
import { NONE } from './places';

/**
 * A line before a queue. A grant says "look now": it reserves nothing, so that an item is not lost with a thread
 * that is slow to take it, and there are never more grants on their way than there is to be had.
 */
export class QueueLine extends Line {
  /** @param isThere - true when there is something to be had beyond what is granted already */
  constructor(
    members: Members,
    words: Int32Array,
    base: number,
    private readonly isThere: (granted: { grants: number; need: number }, need: number) => boolean,
  ) {
    super(members, words, base);
  }

  /** True when who comes now has its turn at once, and takes nothing from those who have come before. */
  isFreeFor(need: number): boolean {
    return !this.hasWaiters || (!this.needsPump && this.isThere(this.places.outstanding(), need));
  }

  protected override reserve(_member: number, _ticket: number, need: number): number {
    return this.isThere(this.places.outstanding(), need) ? 0 : NONE;
  }

  protected override giveBack(): void {
    if (this.needsPump) this.pump();
  }

  protected override unreserve(): void {}
  protected override confirm(): void {}
  protected override recover(): void {}
  protected override inherit(): void {}
}
