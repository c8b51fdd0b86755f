/** So few are looked through one by one, for which the engine has a fast way; for more, a Map takes less time. */
const FEW = 256;

/** The objects of a value, each once, in the order in which they were met. */
export class MetObjects {
  readonly #objects: object[] = [];
  /** Of all objects; undefined while they are few. */
  #numbers: Map<object, number> | undefined;

  get count(): number {
    return this.#objects.length;
  }

  /** So many more will come. */
  expect(more: number): void {
    if (this.#numbers || this.#objects.length + more <= FEW) return;
    this.#numbers = new Map();
    for (let number = 0; number < this.#objects.length; number++)
      this.#numbers.set(this.#objects[number], number);
  }

  /** The number of an object that was met; -1 when it was not. */
  find(value: object): number {
    return this.#numbers ? (this.#numbers.get(value) ?? -1) : this.#objects.indexOf(value);
  }

  /** Gives an object that is met for the first time its number, from 0. */
  add(value: object): number {
    this.expect(1);
    const number = this.#objects.push(value) - 1;
    this.#numbers?.set(value, number);
    return number;
  }

  some(is: (value: object) => unknown): boolean {
    return this.#objects.some(is);
  }

  clear(): void {
    this.#objects.length = 0;
    this.#numbers = undefined;
  }
}
