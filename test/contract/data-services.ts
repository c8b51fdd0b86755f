import 'reflect-metadata';
import { Portable, RunInExecutor, Transient, transfer } from 'offloop';

/** The executor under test is registered under this name. */
export const UNDER_TEST = 'data-under-test';

/** Of the name of a class of offloop. */
class QueueFullError extends Error {
  constructor(readonly printer: string) {
    super(`${printer} has no more room`);
  }
}

/** As the one of chai. */
class AssertionError extends Error {
  override readonly name = 'AssertionError';
  readonly showDiff = true;
}

/** Not portable. */
export class Point {
  constructor(
    readonly x: number,
    readonly y: number,
  ) {}

  length(): number {
    return Math.hypot(this.x, this.y);
  }
}

/** Its accessor is found by those who go through what an instance has, as those of some mappers of data are. */
export class Order {
  static {
    Object.defineProperty(this.prototype, 'items', { enumerable: true });
  }

  constructor(readonly id: number) {}

  get items(): never {
    throw new Error('the items are not loaded');
  }
}

/** Another module marks it as portable, when that is imported. */
export class Parcel {
  constructor(readonly weight: number) {}

  isHeavy(): boolean {
    return this.weight > 10;
  }
}

@Portable()
export class PrinterError extends Error {
  @Transient()
  readonly password: string = 'secret';

  constructor(readonly printer: string) {
    super(`${printer} is out of paper`);
  }
}

/** What it holds cannot be seen from outside. */
@Portable()
export class SealedError extends Error {
  readonly #seal: string;

  constructor(message: string, seal: string) {
    super(message);
    this.#seal = seal;
  }

  static fromPortable({ message, seal }: { message: string; seal: string }): SealedError {
    return new SealedError(message, seal);
  }

  toPortable(): object {
    if (this.#seal === 'broken') throw new TypeError('the seal is broken');
    return { message: this.message, seal: this.#seal };
  }

  seal(): string {
    return this.#seal;
  }
}

@Portable()
export class Price {
  constructor(readonly cents: number) {}

  amount(): number {
    return this.cents;
  }
}

/** Holds others of its kind, and one of another. */
@Portable()
export class Item {
  readonly parts: Item[] = [];
  @Transient()
  readonly cache: unknown = () => undefined;

  constructor(readonly price: Price) {}

  total(): number {
    return this.parts.reduce((sum, part) => sum + part.total(), this.price.amount());
  }
}

@Portable()
export class Labels extends Map<unknown, unknown> {
  owner: unknown;
  @Transient()
  readonly log = (): undefined => undefined;

  override set(key: unknown, value: unknown): this {
    return super.set(key, [value]);
  }
}

@Portable()
export class List extends Array<unknown> {
  title = '';

  last(): unknown {
    return this.at(-1);
  }
}

@Portable()
export class Bytes extends Uint8Array {
  unit = '';

  sum(): number {
    return this.reduce((sum, each) => sum + each, 0);
  }
}

@Portable()
export class Moment extends Date {
  zone = '';

  year(): string {
    return `${this.getUTCFullYear()} ${this.zone}`;
  }
}

@Portable()
export class Site extends URL {
  parts(): string[] {
    return this.pathname.split('/');
  }
}

/** As a date of a library: all that it is stands where no copy reaches, and its tag is that of one of the language. */
@Portable()
export class Instant {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  static fromPortable({ text }: { text: string }): Instant {
    return new Instant(text);
  }

  get [Symbol.toStringTag](): string {
    return 'Temporal.Instant';
  }

  toPortable(): object {
    return { text: this.#text };
  }

  toString(): string {
    return this.#text;
  }
}

/** Writes itself as what it holds: a plain object, an array, a Map, a view. */
export class Ledger {
  constructor(private readonly entries: object) {}

  static fromPortable(entries: object): Ledger {
    return new Ledger(entries);
  }

  toPortable(): object {
    return this.entries;
  }

  @RunInExecutor(UNDER_TEST)
  async read(): Promise<object> {
    return this.entries;
  }
}

const thrown = {
  sealed: () => new SealedError('a printer', 'wax'),
  broken: () => new SealedError('a printer', 'broken'),
  queueFull: () => new QueueFullError('a printer'),
  assertion: () => new AssertionError('a printer'),
  portable: () => new PrinterError('a printer'),
};

export class Data {
  @RunInExecutor(UNDER_TEST)
  static async fail(kind: keyof typeof thrown): Promise<never> {
    throw thrown[kind]();
  }

  @RunInExecutor(UNDER_TEST)
  static async echo(...values: unknown[]): Promise<unknown> {
    return values[0];
  }

  @RunInExecutor(UNDER_TEST, { transfer: (...parts: Uint8Array[]) => parts.map(({ buffer }) => buffer) })
  static async take(...parts: Uint8Array[]): Promise<number[]> {
    return parts.map(({ length }) => length);
  }

  /** Calls the method of each. */
  @RunInExecutor(UNDER_TEST)
  static async ask(values: readonly object[], method: string): Promise<unknown[]> {
    return values.map((value) => (value as Record<string, () => unknown>)[method]());
  }

  @RunInExecutor(UNDER_TEST)
  static async makePoint(): Promise<unknown> {
    return new Point(1, 2);
  }

  @RunInExecutor(UNDER_TEST)
  static async makeOrder(): Promise<unknown> {
    return new Order(1);
  }

  @RunInExecutor(UNDER_TEST)
  static async giveHalves(): Promise<Uint8Array[]> {
    const { buffer } = new Uint8Array([1, 2, 3, 4]);
    return [
      transfer(new Uint8Array(buffer, 0, 2), [buffer]),
      transfer(new Uint8Array(buffer, 2, 2), [buffer, buffer]),
    ];
  }
}
