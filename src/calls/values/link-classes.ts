import type { ClassDescriptor } from '../callable';

const MOST_CLASSES = 128;

/** The classes of one way of a link: one is told once, and is a number from then on. */
export class LinkClasses {
  readonly #told: ClassDescriptor[] = [];
  #sent = 0;

  /** By what is told of it, which grows with what its module defines. */
  find({ module, className, ordinal, sources }: ClassDescriptor): number {
    return this.#told.findIndex(
      (one) =>
        one.className === className &&
        one.module === module &&
        one.ordinal === ordinal &&
        areEqual(one.sources, sources),
    );
  }

  /** Gives a class the next number; false when there is none left. */
  define({ module, className, ordinal, sources }: ClassDescriptor): boolean {
    if (this.#told.length === MOST_CLASSES) return false;
    this.#told.push({ module, className, ordinal, sources: [...sources] });
    return true;
  }

  /** This class has the next number. */
  learn(of: ClassDescriptor): void {
    this.#told.push(of);
  }

  classOf(index: number): ClassDescriptor {
    const of = this.#told[index] as ClassDescriptor | undefined;
    if (!of) throw new RangeError(`no class has the number ${index}`);
    return of;
  }

  /** What was written goes out. */
  sent(): void {
    this.#sent = this.#told.length;
  }

  /** Whatever was written since {@link sent} has not gone out. */
  begin(): void {
    if (this.#told.length > this.#sent) this.#told.length = this.#sent;
  }
}

export function areEqual<T>(left: readonly T[], right: readonly T[]): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index++) if (left[index] !== right[index]) return false;
  return true;
}
