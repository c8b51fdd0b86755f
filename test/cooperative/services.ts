import { Cooperative, due, pause, RunInExecutor, type Steps } from 'offloop';

export class Computation {
  readonly #finished: string[] = [];
  factor = 2;

  count(steps: number): Promise<number>;
  @Cooperative(100)
  *count(steps: number): Steps<number> {
    for (let step = 0; step < steps; step++) yield;
    return steps * this.factor;
  }

  byTime(milliseconds: number): Promise<number>;
  @Cooperative({ budgetMs: 5 })
  *byTime(milliseconds: number): Steps<number> {
    let steps = 0;
    for (const end = performance.now() + milliseconds; performance.now() < end; steps++) yield;
    return steps;
  }

  outer(): Promise<string[]>;
  @Cooperative(1)
  *outer(): Steps<string[]> {
    yield* this.inner('a');
    yield* this.inner('b');
    return this.#finished;
  }

  private *inner(name: string): Generator<void, void, void> {
    yield;
    this.#finished.push(name);
  }

  untilAborted(signal: AbortSignal, log: string[]): Promise<void>;
  @Cooperative(10)
  *untilAborted(_signal: AbortSignal, log: string[]): Steps<void> {
    try {
      for (;;) yield;
    } finally {
      yield;
      log.push('closed');
    }
  }

  /** Cleans up in many steps, and counts them. */
  cleaning(signal: AbortSignal, steps: number, log: number[]): Promise<void>;
  @Cooperative(10)
  *cleaning(_signal: AbortSignal, steps: number, log: number[]): Steps<void> {
    try {
      for (;;) yield;
    } finally {
      for (let step = 0; step < steps; step++) {
        log[0] = step + 1;
        yield;
      }
    }
  }

  failing(): Promise<void>;
  @Cooperative(1)
  *failing(): Steps<void> {
    yield;
    throw new RangeError('in a step');
  }

  static twice(value: number): Promise<string>;
  @Cooperative()
  static *twice(value: number): Steps<string> {
    yield;
    return `${this.name} ${2 * value}`;
  }

  yieldsPromise(): Promise<void>;
  @Cooperative()
  *yieldsPromise(): Steps<void> {
    yield Promise.resolve() as never;
  }

  yieldsRejection(): Promise<void>;
  @Cooperative()
  *yieldsRejection(): Steps<void> {
    yield Promise.reject(new Error('nobody awaits it')) as never;
  }

  yieldsAndCatches(log: string[]): Promise<string>;
  @Cooperative()
  *yieldsAndCatches(log: string[]): Steps<string> {
    try {
      yield 5 as never;
    } catch {
      return 'caught';
    } finally {
      log.push('closed');
    }
    return 'went on';
  }

  yieldsToClose(signal: AbortSignal, log: string[]): Promise<void>;
  @Cooperative(10)
  *yieldsToClose(_signal: AbortSignal, log: string[]): Steps<void> {
    try {
      for (;;) yield;
    } finally {
      log.push('closing');
      yield Promise.resolve() as never;
      log.push('closed');
    }
  }

  yieldsMany(): Promise<void>;
  @Cooperative()
  *yieldsMany(): Steps<void> {
    yield* [1, 2] as unknown as Iterable<void>;
  }

  @Cooperative({ yieldEvery: 10 })
  async pausing(steps: number, log: string[], name: string): Promise<number> {
    let pauses = 0;
    for (let step = 0; step < steps; step++) {
      if (due()) {
        log.push(name);
        pauses++;
        await pause();
      }
    }
    return pauses;
  }

  @Cooperative({ budgetMs: 1 })
  async pausesWhenDue(): Promise<number> {
    let pauses = 0;
    for (const end = performance.now() + 20; performance.now() < end;) {
      if (!due()) continue;
      pauses++;
      await pause();
    }
    return pauses;
  }

  @Cooperative({ budgetMs: 1 })
  async neverPauses(): Promise<void> {
    for (const end = performance.now() + 20; performance.now() < end;);
  }

  @Cooperative()
  synchronous(): Promise<number> {
    return 1 as never;
  }

  @RunInExecutor('thread')
  static async inThread(steps: number): Promise<number> {
    return new Computation().count(steps);
  }
}

export class Derived extends Computation {
  override factor = 3;
}
