import type { ClassDescriptor } from '../callable';
import { defineField } from './define-field';
import { describeValue } from './describe-value';
import { EncodedContainers, isCarriedPrimitive } from './encoded-containers';
import { describeError, readProperty } from './error-codec';

/** Encodes errors, which must not be lost over what they hold. */
export abstract class EncodedErrors extends EncodedContainers {
  protected encodeError(error: Error, portable: ClassDescriptor | undefined): unknown {
    const patch = this.patches.push(portable ? [this.here(), 'error', portable] : [this.here(), 'error']) - 1;
    this.revivedBy.set(error, patch);
    const { nested, ...data } = describeError(error, portable);
    const encoded: Record<string, unknown> = data;
    for (const part of ['hidden', 'fields'] as const) {
      if (Object.keys(nested[part]).length === 0) continue;
      this.enter(part, part);
      encoded[part] = this.#each(nested[part]);
      this.leave();
    }
    return encoded;
  }

  #each(holder: object): object {
    const copy = Array.isArray(holder) ? [] : {};
    for (const key of Object.keys(holder))
      defineField(copy, key, this.#field(readProperty(holder, key), key));
    return copy;
  }

  /** Fields of an error: one that cannot be copied becomes a note, for an error must not be lost over it. */
  #field(field: unknown, name: string): unknown {
    if (isCarriedPrimitive(field)) return field;
    this.enter(name, name);
    const undo = this.mark();
    try {
      return this.encode(field);
    } catch {
      undo();
      return this.#inPart(field);
    } finally {
      this.leave();
    }
  }

  #inPart(field: unknown): unknown {
    try {
      const isPlain =
        typeof field === 'object' && field !== null && Object.getPrototypeOf(field) === Object.prototype;
      if ((isPlain || Array.isArray(field)) && this.keys.length <= 4) return this.#each(field);
    } catch {
      // A proxy that was revoked, or whose traps throw.
    }
    return `[not cloneable: ${describeValue(field)}]`;
  }
}
