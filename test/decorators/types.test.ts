import { diagnose } from '../support/diagnose';

const kinds = {
  legacy: {},
  standard: { experimentalDecorators: false, emitDecoratorMetadata: false },
};

/** What decorators may stand on; where they may not, the compiler has to find an error. */
const source = `
import { Cooperative, Portable, RunInExecutor, Transient, type Steps } from 'offloop';

@Portable()
export class Offloaded {
  @Transient() cache = new Map<string, number>();

  @RunInExecutor() async inAThread(value: number): Promise<number> { return value; }
  @RunInExecutor('process') static async ofTheClass(): Promise<string> { return this.name; }
  @RunInExecutor() async generic<T extends object>(value: T, ...rest: string[]): Promise<T[]> { return [value, ...rest.map(() => value)]; }
  @RunInExecutor() async withThis(this: Offloaded, value: number): Promise<number> { return value; }
  @RunInExecutor() async polymorphic(other: this): Promise<this> { return other; }
  @RunInExecutor() private async hidden(): Promise<void> {}
  overloaded(value: string): Promise<string>;
  overloaded(value: number): Promise<number>;
  @RunInExecutor() async overloaded(value: any): Promise<any> { return value; }
  use(): unknown { return this.hidden(); }

  // @ts-expect-error
  @RunInExecutor() synchronous(): number { return 1; }
  // @ts-expect-error
  @RunInExecutor() perhaps(): number | Promise<number> { return 1; }
  // @ts-expect-error
  @RunInExecutor() *generator(): Generator<number> { yield 1; }
  // @ts-expect-error
  @RunInExecutor() field = async (): Promise<number> => 1;
  // @ts-expect-error
  @RunInExecutor() get getter(): Promise<number> { return Promise.resolve(1); }
  // @ts-expect-error
  @Transient() method(): void {}
  // @ts-expect-error
  @Transient() get kept(): number { return 1; }
}

@Portable()
export class Price {
  private constructor(readonly cents: number) {}
  static of(cents: number): Price { return new Price(cents); }
}

@Portable()
export abstract class Shape<T> {
  protected constructor(readonly corners: T[]) {}
  // @ts-expect-error
  @Portable() member(): void {}
  // @ts-expect-error
  @Portable() static ofTheClass(): void {}
  // @ts-expect-error
  @Portable() field = 1;
}

const key: unique symbol = Symbol('key');

export class Shared<K> {
  steps(end: number): Promise<number>;
  @Cooperative(1_000) *steps(end: number): Steps<number> { for (let step = 0; step < end; step++) yield; return end; }
  ofItsType(value: K): Promise<K>;
  @Cooperative() *ofItsType(value: K): Steps<K> { yield; return value; }
  generic<T>(this: Shared<K>, value: T): Promise<T>;
  @Cooperative() *generic<T>(this: Shared<K>, value: T): Steps<T> { yield; return value; }
  static ofTheClass(): Promise<void>;
  @Cooperative() static *ofTheClass(): Steps<void> { yield; }
  [key](): Promise<void>;
  @Cooperative() *[key](): Steps<void> { yield; }
  private hidden(): Promise<void>;
  @Cooperative() private *hidden(): Steps<void> { yield; }
  @Cooperative({ budgetMs: 5 }) async pausing(): Promise<void> {}
  use(): unknown { return this.hidden(); }

  // @ts-expect-error
  @Cooperative() *withoutOverload(): Steps<number> { yield; return 1; }
  // @ts-expect-error
  @Cooperative() static *ofTheClassWithoutOverload(): Steps<number> { yield; return 1; }
  // @ts-expect-error
  @Cooperative() *plainGenerator(): Generator<void, number, void> { yield; return 1; }
  // @ts-expect-error
  @Cooperative() synchronous(): number { return 1; }
}
`;

it.each(Object.entries(kinds))(
  '%s decorators take methods that return a promise, and no others',
  (_, options) => {
    expect(diagnose(source, options)).toEqual([]);
  },
);

it('a function keeps its types: type parameters, optional and rest parameters, and no `this`', () => {
  const functions = `
    import { runInExecutor, type OffloadedFunction } from 'offloop';
    export const wrap = runInExecutor('thread', <T>(value: T): T[] => [value]);
    export const numbers: Promise<number[]> = wrap(1);
    export const join = runInExecutor('thread', async (first: string, count?: number, ...rest: boolean[]) => first + count + rest);
    export const joined: Promise<string> = join('first', 2, true, false);
    export const parse: OffloadedFunction<typeof JSON.parse> = runInExecutor('thread', JSON.parse, { timeoutMs: 5 });
    // @ts-expect-error
    export const wrong: Promise<string[]> = wrap(1);
    // @ts-expect-error
    void join(1);
    // @ts-expect-error
    export const bound = runInExecutor('thread', function (this: Date) { return this.getTime(); });
  `;
  expect(diagnose(functions)).toEqual([]);
});

it.each(Object.entries(kinds))('a wrong %s decorator is told what is expected', (_, options) => {
  const wrong = `import { Cooperative, type Steps } from 'offloop';
    export class Forgetful { @Cooperative() *steps(): Steps<number> { yield; return 1; } }`;
  expect(diagnose(wrong, options).join()).toMatch(/Promise|overload that returns a promise/);
});

it.each(['offloop', 'offloop/sync', 'offloop/testing'])(
  '%s alone brings the types that it needs, where the target is older too',
  (name) => {
    const source = `import * as names from '${name}';\nvoid names;`;
    expect(diagnose(source, { types: [], skipLibCheck: false, lib: ['lib.es2021.d.ts'] })).toEqual([]);
  },
);
