import { describeValue } from './describe-value';
import { defineField } from './define-field';
import { isDense } from './dense';
import { EncodedParts } from './encoded-parts';

/** Encodes what holds parts; primitives among them are passed on at once, for most parts are. */
export abstract class EncodedContainers extends EncodedParts {
  /** Encodes a part; `keys` and `path` lead to it. */
  protected abstract encode(value: unknown): unknown;

  protected encodeArray(value: readonly unknown[], names: readonly string[] = Object.keys(value)): unknown {
    const copy: unknown[] = [];
    this.copies.set(value, copy);
    if (isDense(value, names)) this.fillItems(copy, value);
    else this.fill(copy, value, names);
    // Last: memory for holes is not asked for.
    if (copy.length < value.length) copy.length = value.length;
    return copy;
  }

  /** Copied all at once, which takes the engine half the time, and then what is no primitive. */
  protected encodeFields(value: object): unknown {
    const copy = { ...value } as Record<string, unknown>;
    this.copies.set(value, copy);
    for (const name in copy) {
      const part = copy[name];
      if (isCarriedPrimitive(part) || !Object.prototype.hasOwnProperty.call(copy, name)) continue;
      this.enter(name, name);
      const encoded = this.encode(part);
      this.leave();
      copy[name] = encoded;
    }
    return copy;
  }

  protected encodeNamed(value: object, names: readonly string[]): unknown {
    const copy = {};
    this.copies.set(value, copy);
    return this.fill(copy, value, names);
  }

  protected fill(copy: object, value: object, names: readonly string[]): unknown {
    for (const name of names) {
      let part = (value as Record<string, unknown>)[name];
      if (!isCarriedPrimitive(part)) {
        this.enter(Array.isArray(value) && /^\d+$/.test(name) ? Number(name) : name, name);
        part = this.encode(part);
        this.leave();
      }
      if (name === '__proto__') defineField(copy, name, part);
      else (copy as Record<string, unknown>)[name] = part;
    }
    return copy;
  }

  private fillItems(copy: unknown[], items: readonly unknown[]): void {
    for (let index = 0; index < items.length; index++) {
      let part = items[index];
      if (!isCarriedPrimitive(part)) {
        this.enter(index, index);
        part = this.encode(part);
        this.leave();
      }
      copy.push(part);
    }
  }

  protected encodeMap(value: Map<unknown, unknown>): unknown {
    const copy = new Map<unknown, unknown>();
    this.copies.set(value, copy);
    this.collections++;
    let index = 0;
    for (const [key, item] of value) {
      let encodedKey = key;
      if (!isCarriedPrimitive(key)) {
        this.enter(`key ${index / 2}`, index);
        encodedKey = this.encode(key);
        this.leave();
      }
      let part = item;
      if (!isCarriedPrimitive(item)) {
        this.enter(typeof key === 'string' ? key : describeValue(key), index + 1);
        part = this.encode(item);
        this.leave();
      }
      copy.set(encodedKey, part);
      index += 2;
    }
    this.collections--;
    return copy;
  }

  protected encodeSet(value: Set<unknown>): unknown {
    const copy = new Set<unknown>();
    this.copies.set(value, copy);
    this.collections++;
    let index = 0;
    for (const item of value) {
      let part = item;
      if (!isCarriedPrimitive(item)) {
        this.enter(index, index);
        part = this.encode(item);
        this.leave();
      }
      copy.add(part);
      index++;
    }
    this.collections--;
    return copy;
  }
}

/** What is no object, and travels as it is. */
export function isCarriedPrimitive(value: unknown): boolean {
  return (
    value === null || (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol')
  );
}
