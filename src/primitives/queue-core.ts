import { QueueClosedError } from '../calls/errors';
import { APART, ByteRing, GET_GUARD, PUT_GUARD, recordBytes, RING_WORDS } from './byte-ring';
import { CompactReader } from '../calls/values/compact-reader';
import { CompactWriter } from '../calls/values/compact-writer';
import { Scratch } from '../calls/values/scratch';
import { Guard } from './guard';
import { decodeItem, Tag, type EncodedItem } from './item-codec';
import { LINE_WORDS } from './line';
import { Members, MEMBERS_WORDS, type Estate } from './members';
import { QueueLine } from './queue-line';
import { SHAPE_WORDS, ShapeTable } from './shape-table';
import { HEADER_WORDS, PARAMETER } from './shared-memory';
import { turn } from './turns';

const CONSUMERS = HEADER_WORDS + MEMBERS_WORDS;
const PRODUCERS = CONSUMERS + LINE_WORDS;
const CLOSED = PRODUCERS + LINE_WORDS;
const SHAPES = CLOSED + 1;
const RING = Math.ceil((SHAPES + SHAPE_WORDS) / APART) * APART;

export const queueWords = (capacityBytes: number): number => RING + RING_WORDS + capacityBytes / 4;

/** A try ended without a word from the queue itself: another thread is at it right now. */
export const BUSY = Symbol('busy');
export const FULL = Symbol('full');
export const EMPTY = Symbol('empty');
export const DONE = Symbol('done');

/** Larger items go by another code. */
const SCRATCH_WORDS = 256;

/**
 * What one thread does with a queue: puts and gets that do not wait, and the lines in which to wait. Putting and
 * getting each have a guard of their own, and meet in the ring only.
 */
export class QueueCore implements Estate {
  readonly ring: ByteRing;
  readonly consumers: QueueLine;
  readonly producers: QueueLine;
  readonly #words: Int32Array;
  readonly #members: Members;
  readonly #maxItems: number;
  readonly #shapes: ShapeTable;
  readonly #scratch = new Scratch(SCRATCH_WORDS);
  /** Apart: a getter of an item that is being written may get another. */
  readonly #read = new Int32Array(SCRATCH_WORDS);
  readonly #writer: CompactWriter;
  readonly #reader: CompactReader;
  #isWakeSet = false;
  readonly #putGuard: Guard;
  readonly #getGuard: Guard;

  constructor(words: Int32Array) {
    this.#words = words;
    this.#maxItems = words[PARAMETER] || Infinity;
    this.ring = new ByteRing(words, RING, (words.length - RING - RING_WORDS) * 4);
    this.#members = new Members(words, HEADER_WORDS);
    this.consumers = new QueueLine(
      this.#members,
      words,
      CONSUMERS,
      // Not by the count alone: who died as it took an item may not have counted it.
      ({ grants }) => this.isClosed || (!this.ring.isEmpty && this.ring.items > grants),
    );
    this.producers = new QueueLine(
      this.#members,
      words,
      PRODUCERS,
      (granted, need) =>
        this.isClosed ||
        (this.ring.items + granted.grants < this.#maxItems && this.ring.freeBytes - granted.need >= need),
    );
    this.#shapes = new ShapeTable(words, SHAPES);
    this.#writer = new CompactWriter(this.#shapes, this.#scratch);
    this.#reader = new CompactReader(this.#shapes);
    this.#putGuard = new Guard(this.#members, words, RING + PUT_GUARD);
    this.#getGuard = new Guard(this.#members, words, RING + GET_GUARD);
    this.#members.addEstate(this);
  }

  /** How many items there are; what a thread that died at work has not counted is counted first. */
  get items(): number {
    if (this.#putGuard.isHeld || this.#getGuard.isHeld) this.#members.reap();
    return this.ring.items;
  }

  get isClosed(): boolean {
    return Atomics.load(this.#words, CLOSED) === 1;
  }

  close(): void {
    // Under the guard: a put is either in the ring before, or refused.
    this.#putGuard.enter();
    Atomics.store(this.#words, CLOSED, 1);
    this.#putGuard.leave();
    this.consumers.pump();
    this.producers.pump();
  }

  /** Puts a small item if there is room and nobody waits to put; false when it has to go another way. */
  tryPutSmall(what: string, item: unknown): boolean {
    if (this.producers.hasWaiters) return false;
    const length = this.#writer.write([item]) * 4;
    if (length < 0) {
      this.#learn(item);
      return false;
    }
    if (!this.#putGuard.tryEnter()) return false;
    let hasRoom = false;
    try {
      this.#throwIfClosed(what);
      hasRoom = this.#hasRoom(recordBytes(length));
      if (hasRoom) this.ring.writeCompact(this.#scratch.words, length);
    } finally {
      this.#putGuard.leave();
    }
    if (hasRoom && this.consumers.needsPump) this.consumers.pump();
    return hasRoom;
  }

  /** A small item that has to wait: other codes may need more bytes than there ever are. */
  encodeSmall(item: unknown): EncodedItem | undefined {
    this.#learn(item);
    const length = this.#writer.write([item]) * 4;
    if (length < 0) return undefined;
    return {
      tag: Tag.compact,
      bytes: new Uint8Array(this.#scratch.bytes.buffer.slice(0, length) as ArrayBuffer),
    };
  }

  /** Puts an item if there is room for it. */
  tryPut(what: string, item: EncodedItem, inPlace: boolean): typeof DONE | typeof FULL | typeof BUSY {
    if (inPlace) this.#putGuard.enter();
    else if (!this.#putGuard.tryEnter()) return BUSY;
    try {
      this.#throwIfClosed(what);
      if (!this.#hasRoom(recordBytes(item.bytes.length))) return FULL;
      this.ring.write(item);
    } finally {
      this.#putGuard.leave();
    }
    if (this.consumers.needsPump) this.consumers.pump();
    return DONE;
  }

  /** Takes an item if there is one. */
  tryGet(what: string, inPlace: boolean): unknown {
    // In this order: what was put before the end is found.
    const wasClosed = this.isClosed;
    if (this.ring.isEmpty) {
      if (wasClosed) throw closed(what);
      return EMPTY;
    }
    if (inPlace) this.#getGuard.enter();
    else if (!this.#getGuard.tryEnter()) return BUSY;
    const item = this.ring.read(this.#read);
    this.#getGuard.leave();
    if (this.producers.needsPump) this.#makeRoomKnown(inPlace);
    if (item === undefined) return wasClosed ? this.tryGet(what, inPlace) : EMPTY;
    return item === Tag.compact ? this.#reader.read(this.#read, 0) : decodeItem(item.tag, item.bytes);
  }

  /** Those who stand in line may have died. */
  reapNowAndThen(): void {
    this.#members.reapNowAndThen();
  }

  wakeProducers(): void {
    if (this.producers.needsPump) this.producers.pump();
  }

  /** A thread died at work under a guard: what it had not published is gone, and the count is made anew. */
  bury(member: number): boolean {
    const guards = [this.#putGuard, this.#getGuard];
    const others = guards.filter((guard) => !guard.isHeldBy(member));
    if (others.length === guards.length) return true;
    // The dead one keeps its guard until both are had: else nobody would know that there is a count to make.
    if (!others.every((guard) => guard.tryEnter() || guard.isAbandoned)) return false;
    this.ring.recount();
    for (const guard of guards) guard.leave();
    return true;
  }

  /**
   * Wakes producers. To wake one for each item taken from a full queue would cost more than the item: who takes
   * many, one resolved promise after the other, wakes them when there is room for many, or at the loop's next turn.
   */
  #makeRoomKnown(inPlace: boolean): void {
    const isRoomy =
      this.ring.freeBytes >= this.ring.capacity / 4 && this.ring.items <= this.#maxItems * (3 / 4);
    if (inPlace || isRoomy) this.wakeProducers();
    else if (!this.#isWakeSet) {
      this.#isWakeSet = true;
      void turn().then(() => {
        this.#isWakeSet = false;
        this.wakeProducers();
      });
    }
  }

  #hasRoom(bytes: number): boolean {
    return (this.#maxItems === Infinity || this.ring.items < this.#maxItems) && this.ring.hasRoom(bytes);
  }

  /** The next object with the same keys may be small. */
  #learn(item: unknown): void {
    if (typeof item !== 'object' || item === null || Object.getPrototypeOf(item) !== Object.prototype) return;
    if (!this.#putGuard.tryEnter()) return;
    this.#shapes.add(item);
    this.#putGuard.leave();
  }

  #throwIfClosed(what: string): void {
    if (this.isClosed) throw closed(what);
  }
}

function closed(what: string): QueueClosedError {
  return new QueueClosedError(`${what}: the queue is closed.`);
}
