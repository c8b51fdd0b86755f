import { describeValue } from './cloneable';
import { isDense } from './dense';
import { EncodedParts } from './encoded-parts';

/** Encodes what holds parts; primitives among them are passed on at once, for most parts are. */
export abstract class EncodedContainers extends EncodedParts {
  /** Encodes a part; `keys` and `path` lead to it. */
  protected abstract encode(value: unknown): unknown;

  protected encodeArray(value: readonly unknown[]): unknown {
    const copy: unknown[] = [];
    this.copies.set(value, copy);
    const names = Object.keys(value);
    if (isDense(value, names)) this.fillItems(copy, value);
    else this.fill(copy, value, names);
    // Last: memory for holes is not asked for.
    copy.length = value.length;
    return copy;
  }

  protected encodeFields(value: object): unknown {
    const copy = {};
    this.copies.set(value, copy);
    return this.fill(copy, value, Object.keys(value));
  }

  protected fill(copy: object, value: object, names: readonly string[]): unknown {
    const { keys, path } = this;
    for (const name of names) {
      let part = (value as Record<string, unknown>)[name];
      if (!isCarriedPrimitive(part)) {
        keys.push(Array.isArray(value) && /^\d+$/.test(name) ? Number(name) : name);
        path.push(name);
        part = this.encode(part);
        keys.pop();
        path.pop();
      }
      // Defined, not assigned: a key named __proto__ stays a key.
      if (name === '__proto__') define(copy, name, part);
      else (copy as Record<string, unknown>)[name] = part;
    }
    return copy;
  }

  private fillItems(copy: unknown[], items: readonly unknown[]): void {
    const { keys, path } = this;
    for (let index = 0; index < items.length; index++) {
      let part = items[index];
      if (!isCarriedPrimitive(part)) {
        keys.push(index);
        path.push(index);
        part = this.encode(part);
        keys.pop();
        path.pop();
      }
      copy.push(part);
    }
  }

  protected encodeMap(value: Map<unknown, unknown>): unknown {
    const copy = new Map<unknown, unknown>();
    this.copies.set(value, copy);
    const { keys, path } = this;
    let index = 0;
    for (const [key, item] of value) {
      let encodedKey = key;
      if (!isCarriedPrimitive(key)) {
        keys.push(`key ${index / 2}`);
        path.push(index);
        encodedKey = this.encode(key);
        keys.pop();
        path.pop();
      }
      let part = item;
      if (!isCarriedPrimitive(item)) {
        keys.push(typeof key === 'string' ? key : describeValue(key));
        path.push(index + 1);
        part = this.encode(item);
        keys.pop();
        path.pop();
      }
      copy.set(encodedKey, part);
      index += 2;
    }
    return copy;
  }

  protected encodeSet(value: Set<unknown>): unknown {
    const copy = new Set<unknown>();
    this.copies.set(value, copy);
    const { keys, path } = this;
    let index = 0;
    for (const item of value) {
      let part = item;
      if (!isCarriedPrimitive(item)) {
        keys.push(index);
        path.push(index);
        part = this.encode(item);
        keys.pop();
        path.pop();
      }
      copy.add(part);
      index++;
    }
    return copy;
  }
}

/** What is no object, and travels as it is. */
export function isCarriedPrimitive(value: unknown): boolean {
  return (
    value === null || (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol')
  );
}

function define(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}
