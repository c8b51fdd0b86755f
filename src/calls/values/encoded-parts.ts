import { types } from 'node:util';
import type { ClassDescriptor } from '../callable';
import { bufferOf, isCopied, isLarge, type HeldArray } from './held-arrays';
import type { InPlace, Patch, Path } from './patches';
import type { Transferable } from './transfer';

type GrowingPatch = [
  path: Path,
  kind: InPlace,
  of: ClassDescriptor | undefined,
  others?: (string | number)[],
];

/** What an encoder notes of the parts that it goes through. */
export class EncodedParts {
  readonly patches: Patch[] = [];
  readonly transfer: Transferable[] = [];
  /** The arrays of bytes that the caller may change before they travel, and large ones. */
  readonly arrays: HeldArray[] = [];
  /** There are others, which are not copied by hand. */
  isShared = false;
  protected readonly copies = new Map<object, unknown>();
  /** The patch that revives a value whose stand-in cannot be shared by reference. */
  protected readonly revivedBy = new Map<object, number>();

  /** Where the part stands that is being encoded: in the caller's terms, and in the encoded value. */
  protected readonly keys: PropertyKey[] = [];
  protected readonly path: (string | number)[] = [];
  /** In how many Maps and Sets that is: the decoder takes them apart, one after the other. */
  protected collections = 0;
  /** By the length of the path, the last patch for parts outside of them: it may be for others too. */
  #lastInPlace: GrowingPatch[] = [];

  /** Goes to a part; apart from encoding it, so that a level of depth takes no more of the stack. */
  protected enter(key: PropertyKey, step: string | number): void {
    this.keys.push(key);
    this.path.push(step);
  }

  protected leave(): void {
    this.keys.pop();
    this.path.pop();
  }

  /** The present path, to keep. */
  protected here(): Path {
    return this.path.slice();
  }

  /** @param isOwn - it is a copy already: that matters where it is large alone */
  protected noteArray(array: ArrayBufferView | ArrayBufferLike, isOwn = false): void {
    if (isOwn && !isLarge(array)) return;
    if (isCopied(array)) this.arrays.push({ path: this.here(), array });
    else if (!types.isSharedArrayBuffer(bufferOf(array))) this.isShared = true;
  }

  /** Notes that the present part gets another prototype. */
  protected patchInPlace(kind: InPlace, of?: ClassDescriptor): void {
    const { path, collections } = this;
    const last = this.#lastInPlace[path.length] as GrowingPatch | undefined;
    if (collections === 0 && last?.[1] === kind && last[2] === of) (last[3] ??= []).push(...path);
    else {
      const patch: GrowingPatch = [this.here(), kind, of];
      this.patches.push(patch);
      if (collections === 0) this.#lastInPlace[path.length] = patch;
    }
  }

  /** An object of its own each time: as a key of a Map, or in a Set, it must not collide with another. */
  protected standIn(value: object, data: unknown, patch: Patch): [unknown] {
    this.revivedBy.set(value, this.patches.push(patch) - 1);
    return [data];
  }

  /** Returns what forgets all that is encoded from now on: on the way to a failure it is incomplete. */
  protected mark(): () => void {
    const { length } = this.patches;
    const transfers = this.transfer.length;
    const arrays = this.arrays.length;
    const keys = this.keys.length;
    const steps = this.path.length;
    const { collections } = this;
    this.#lastInPlace = [];
    const maps = [this.copies, this.revivedBy].map((map: Map<object, unknown>) => ({
      map,
      size: map.size,
    }));
    return () => {
      this.patches.length = length;
      this.transfer.length = transfers;
      this.arrays.length = arrays;
      this.keys.length = keys;
      this.path.length = steps;
      this.collections = collections;
      this.#lastInPlace = [];
      for (const { map, size } of maps) [...map.keys()].slice(size).forEach((key) => map.delete(key));
    };
  }
}
