import type { ClassDescriptor } from '../callable';
import { ARRAY, BUILT_IN, CLASS, MOST_ITEMS, NEW_CLASS } from './compact-code';
import { CompactParts, MOST_DEPTH, NO } from './compact-parts';
import type { Patch } from './patches';
import { SMALL_VALUE_WORDS, TAG_BITS, writeSmallValue } from './small-value';
import { transferListOf } from './transfer';

/** Writes values and their patches in the compact code. */
export class CompactWriter extends CompactParts {
  /**
   * Writes values into the scratch, one behind the other, and behind them their patches; returns how many words they
   * take, or -1 when they need another code.
   */
  write(values: readonly unknown[], patches?: readonly Patch[]): number {
    const { scratch } = this;
    // A getter of a value could have another one written.
    if (scratch.isTaken) return NO;
    scratch.isTaken = true;
    this.untold = 0;
    this.hasViews = false;
    if (this.parts) this.parts.length = 0;
    this.shapes.begin?.();
    try {
      let end = 0;
      for (let index = 0; index < values.length && end >= 0; index++) {
        this.begin = end;
        end = this.writePart(values[index], end, MOST_DEPTH);
      }
      // What is to be moved is not to be copied.
      if (this.hasViews && this.seen.some(transferListOf)) return NO;
      return patches && end >= 0 ? this.#writePatches(patches, end) : end;
    } finally {
      scratch.isTaken = false;
      this.seen.clear();
    }
  }

  /** Puts what was written last, so many words, where it goes out from; returns the index behind it. */
  put(length: number, words: Int32Array, at: number): number {
    // For few words, a loop takes less time than a call does.
    if (length > 64) words.set(this.words.subarray(0, length), at);
    else for (let index = 0; index < length; index++) words[at + index] = this.words[index];
    this.shapes.sent?.();
    return at + length;
  }

  /** What two of them hold need not stay one. */
  #writePatches(patches: readonly Patch[], at: number): number {
    if (patches.length > MOST_ITEMS) return NO;
    let end = this.writePart(patches.length, at, MOST_DEPTH);
    for (let index = 0; index < patches.length && end >= 0; index++) {
      this.seen.clear();
      end = this.#writePatch(patches[index], end);
    }
    return end;
  }

  /** Beside paths and primitives there is a class, which comes again and again. */
  #writePatch(patch: Patch, at: number): number {
    this.words[at] = (patch.length << TAG_BITS) | ARRAY;
    let end = at + 1;
    for (let index = 0; index < patch.length && end >= 0; index++) {
      const part = patch[index];
      const isClass = typeof part === 'object' && !Array.isArray(part);
      end = isClass ? this.#writeClass(part as ClassDescriptor, end) : this.writePart(part, end, MOST_DEPTH);
    }
    return end;
  }

  #writeClass(of: ClassDescriptor, at: number): number {
    if (at > this.words.length - SMALL_VALUE_WORDS - 1) return NO;
    const { classes } = this.shapes;
    const known = classes ? classes.find(of) : -1;
    this.words[at] = ((known < 0 ? NEW_CLASS : CLASS) << TAG_BITS) | BUILT_IN;
    if (known >= 0) return writeSmallValue(this.words, at + 1, known);
    return this.writePart(of, classes?.define(of) ? at + 1 : at, MOST_DEPTH);
  }
}
