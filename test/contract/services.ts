import 'reflect-metadata';
import { strictEqual } from 'node:assert';
import { readFileSync } from 'node:fs';
import { container, inject, injectable } from 'tsyringe';
import { Portable, RunInExecutor, runInExecutor, Transient } from 'offloop';

/** The executor under test is registered under this name. */
export const UNDER_TEST = 'under-test';

@Portable()
export class Money {
  constructor(
    readonly amount: bigint,
    readonly currency: string,
  ) {}

  plus(other: Money): Money {
    return new Money(this.amount + other.amount, this.currency);
  }
}

@Portable()
export class Secret {
  #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  static fromPortable(data: { value: string }): Secret {
    return new Secret(data.value);
  }

  toPortable(): { value: string } {
    return { value: this.#value };
  }

  reveal(): string {
    return this.#value;
  }
}

/** Says what of it travels, and leaves it at that. */
@Portable()
export class Page {
  readonly close = (): void => undefined;

  constructor(readonly rows: Map<string, Money>) {}

  toPortable(): object {
    return { rows: this.rows };
  }

  total(): bigint {
    return [...this.rows.values()].reduce((sum, { amount }) => sum + amount, 0n);
  }
}

/** Writes itself as anything. */
@Portable()
export class Tag {
  constructor(
    readonly data: unknown,
    readonly seen?: string,
  ) {}

  static fromPortable(data: unknown): Tag {
    const names = Object.entries(Object(data)).map(([key, value]) => [key, value?.constructor.name]);
    return new Tag(data, JSON.stringify(Object.fromEntries(names)));
  }

  toPortable(): unknown {
    return this.data;
  }
}

@Portable()
export class PaymentError extends Error {
  override readonly name = 'PaymentError';

  constructor(
    message: string,
    readonly amount: Money,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

@Portable()
export class StoppedError extends DOMException {
  constructor(readonly step: number) {
    super('stopped', 'AbortError');
  }
}

class UnknownError extends Error {}

@injectable()
export class Clock {
  /** Cannot be copied: proves that it is the worker's own. */
  readonly now = (): number => 42;
}

@injectable()
export class InjectedService {
  label = 'default';

  constructor(
    readonly clock: Clock,
    @inject('greeting') readonly greeting: string,
  ) {}

  @RunInExecutor(UNDER_TEST)
  async describe(): Promise<string> {
    return `${this.greeting} ${this.label} ${this.clock.now()}`;
  }
}
container.register('greeting', { useValue: 'hello' });

class Counter {
  @Transient()
  private readonly log = (): undefined => undefined;

  constructor(private count: number) {}

  @RunInExecutor(UNDER_TEST)
  async increment(by: number): Promise<number> {
    this.count += by;
    return this.count;
  }

  current(): number {
    this.log();
    return this.count;
  }
}

const nestings = {
  objects: (inner: unknown) => ({ inner }),
  arrays: (inner: unknown) => [inner],
  maps: (inner: unknown) => new Map([['inner', inner]]),
  buffers: (inner: unknown) => ({ inner, buffer: Buffer.from('x') }),
};

export type Nesting = keyof typeof nestings;

/** A value that is nested so deep. */
export function nest(kind: Nesting, levels: number): unknown {
  let value: unknown = 'core';
  for (let level = 0; level < levels; level++) value = nestings[kind](value);
  return value;
}

/** Not exported by itself: workers find it all the same. */
export const makeCounter = (count: number): Counter => new Counter(count);

export default class Methods {
  @RunInExecutor(UNDER_TEST)
  echo(value: unknown): Promise<unknown> {
    return value as Promise<unknown>;
  }

  /** Changes what it was given, and what `this` holds. */
  @RunInExecutor(UNDER_TEST)
  async count(counter: { times: number }): Promise<[given: number, own: number]> {
    this.calls.push('counted');
    return [++counter.times, this.calls.length];
  }
  readonly calls: string[] = [];

  @RunInExecutor(UNDER_TEST)
  async asynchronous(value: number): Promise<number> {
    await new Promise((resolve) => setTimeout(resolve, 1));
    return value;
  }

  @RunInExecutor(UNDER_TEST)
  promising(value: number): Promise<number> {
    return Promise.resolve(value);
  }

  @RunInExecutor(UNDER_TEST)
  static async whoAmI(): Promise<string> {
    return this.name;
  }

  @RunInExecutor(UNDER_TEST)
  async nested(value: number): Promise<number[]> {
    return Promise.all([this.asynchronous(value), this.promising(value + 1), double(value)]);
  }

  @RunInExecutor(UNDER_TEST)
  async failWith(id: number): Promise<never> {
    throw new Error(`call ${id}`);
  }

  @RunInExecutor(UNDER_TEST)
  async fail(kind: string): Promise<void> {
    switch (kind) {
      case 'type':
        throw Object.assign(new TypeError('wrong type', { cause: new RangeError('too far') }), {
          code: 'E_TYPE',
          extra: [1],
        });
      case 'aggregate':
        throw new AggregateError([new SyntaxError('one'), new Error('two')], 'several');
      case 'dom':
        throw new DOMException('stopped', 'AbortError');
      case 'portable dom':
        throw new StoppedError(3);
      case 'system':
        readFileSync('/does/not/exist');
        break;
      case 'assertion':
        strictEqual(1, 2);
        break;
      case 'portable':
        throw new PaymentError('refused', new Money(3n, 'EUR'), { cause: new Error('why') });
      case 'unknown':
        throw new UnknownError('of a class of its own');
      case 'frozen':
        throw Object.freeze(new Error('frozen'));
      case 'getter':
        throw Object.defineProperty(new Error('getter'), 'field', {
          enumerable: true,
          get: () => {
            throw new Error('no');
          },
        });
      case 'uncloneable field':
        throw Object.assign(new Error('with a socket'), { socket: { write() {} } });
      case 'cause in an uncloneable field': {
        const cause = new RangeError('inner');
        throw Object.assign(new Error('outer', { cause }), { request: { last: cause, retry() {} } });
      }
      case 'errors that show':
        throw Object.assign(new Error('invalid'), { errors: { name: ['required'] } });
      case 'uncloneable getter':
        throw Object.assign(new Error('with a getter'), {
          data: {
            get field(): string {
              throw new Error('no');
            },
          },
        });
      case 'stream field':
        throw Object.assign(new RangeError('with a stream'), {
          code: 'E_STREAM',
          body: new ReadableStream(),
        });
      case 'fields that do not show': {
        const issues = [{ path: ['name'], cause: new RangeError('too long') }];
        throw Object.defineProperties(new TypeError('invalid'), {
          issues: { value: issues },
          internal: { value: { issues, check: () => true } },
          toString: { value: () => 'its own text' },
        });
      }
      case 'field named __proto__':
        throw Object.defineProperty(new Error('odd'), '__proto__', { value: { x: [1] }, enumerable: true });
      case 'stream in a cause':
        throw new RangeError('outer', {
          cause: Object.assign(new TypeError('with a port'), { port: new MessageChannel().port1 }),
        });
      case 'blob and shared memory':
        throw Object.assign(new RangeError('with a blob'), {
          code: 'E_BLOB',
          blob: new Blob(['x']),
          memory: new SharedArrayBuffer(8),
        });
      case 'boxed symbol':
        throw Object.assign(new RangeError('with a symbol'), { code: 'E_SYMBOL', raw: Object(Symbol('x')) });
      case 'getter within':
        throw new RangeError('outer', {
          cause: Object.assign(new TypeError('lazy'), {
            code: 'E_LAZY',
            entity: {
              get owner(): never {
                throw new Error('not loaded');
              },
            },
          }),
        });
      case 'revoked proxy':
        throw revoked();
      case 'revoked proxy in a cause':
        throw new RangeError('outer', {
          cause: Object.assign(new TypeError('inner', { cause: revoked() }), { body: revoked() }),
        });
      case 'no way to a string':
        throw {
          toString(): never {
            throw new Error('no');
          },
        };
      case 'plain object':
        throw serialized();
      case 'string':
        throw 'a string';
      case 'undefined':
        throw undefined;
    }
  }

  @RunInExecutor(UNDER_TEST)
  returnFunction(): Promise<unknown> {
    return { inner: () => 1 } as never;
  }

  @RunInExecutor(UNDER_TEST)
  async returnProxy(kind: string): Promise<unknown> {
    return { filling: 'x'.repeat(kind === 'small' ? 1 : 1_000), inner: new Proxy({ a: 1 }, {}) };
  }

  @RunInExecutor(UNDER_TEST)
  async nest(kind: Nesting, levels: number): Promise<unknown> {
    return nest(kind, levels);
  }

  @RunInExecutor(UNDER_TEST)
  async failDeep(levels: number): Promise<never> {
    let error = new Error('the last cause');
    for (let level = 0; level < levels; level++) error = new Error('outer', { cause: error });
    throw error;
  }

  /** Small, or large enough to travel in another way. */
  @RunInExecutor(UNDER_TEST)
  returnGetter(ballast: number): Promise<unknown> {
    return {
      ballast: new Array(ballast).fill(0),
      get total(): never {
        throw new TypeError('not loaded');
      },
    } as never;
  }

  @RunInExecutor(UNDER_TEST)
  returnThenGetter(): Promise<unknown> {
    return Object.defineProperty({}, 'then', {
      get: () => {
        throw new TypeError('no then');
      },
    }) as never;
  }

  @RunInExecutor(UNDER_TEST)
  async addMoney(left: Money, right: Money): Promise<Money> {
    return left.plus(right);
  }

  @RunInExecutor(UNDER_TEST)
  async reveal(secret: Secret): Promise<[string, Secret]> {
    return [secret.reveal(), secret];
  }

  @RunInExecutor(UNDER_TEST)
  async areSame(left: unknown, right: unknown): Promise<boolean> {
    return left === right;
  }

  @RunInExecutor(UNDER_TEST, { graceMs: 0 })
  never(_signal: AbortSignal): Promise<void> {
    return new Promise(() => undefined);
  }

  @RunInExecutor(UNDER_TEST, { timeoutMs: 50 })
  late(): Promise<void> {
    return new Promise(() => undefined);
  }

  @RunInExecutor(UNDER_TEST, { graceMs: 10_000 })
  untilAborted(signal: AbortSignal): Promise<string> {
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve('stopped'), { once: true });
    });
  }
}

export const double = runInExecutor(UNDER_TEST, (value: number) => value * 2);

/** What an error from elsewhere is once it has been JSON. */
export const serialized = (): object => ({
  name: 'Error',
  message: 'away',
  stack: 'Error: away\n    at there',
});

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
