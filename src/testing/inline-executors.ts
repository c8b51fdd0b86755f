import type { InjectionToken } from 'tsyringe';
import '../calls/dispose-symbols';
import type { Call } from '../calls/call';
import { checkFunction, flag, that, validateOptions } from '../calls/options';
import {
  noLongerStandIn,
  standInForExecutors,
  tokenOf,
  type ExecutorReference,
} from '../di/resolve-executor';
import { executorName } from '../di/tokens';
import { InlineExecutor } from '../executors/inline-executor';
import { isRunning, testRunner } from './test-runner';

/** A call that an inline executor ran. */
export interface RecordedCall {
  /** The method: `ReportService.render`. */
  readonly name: string;
  /** What it was called with. */
  readonly args: readonly unknown[];
  /** The executor that its decorator names: a name, or the class or symbol that is its token. */
  readonly executor: unknown;
}

/** Options of {@link useInlineExecutors}. */
export interface InlineExecutorsOptions {
  /** Stand in for these executors only. Default: for all. */
  readonly only?: readonly ExecutorReference[];
  /** As in `new InlineExecutor({ copy })`. Default: true. */
  readonly copy?: boolean;
}

type Fake = (...args: any[]) => unknown;

/** What {@link useInlineExecutors} gives a test. */
export class InlineExecutors {
  readonly #calls: RecordedCall[] = [];
  readonly #fakes = new Map<string, Fake>();
  readonly #only: ReadonlySet<unknown> | undefined;
  readonly #executors = new Map<unknown, InlineExecutor>();

  readonly #find = (token: InjectionToken<unknown>): InlineExecutor | undefined =>
    this.#only && !this.#only.has(token) ? undefined : this.#executorFor(token);

  /** @internal */
  constructor(private readonly options: InlineExecutorsOptions) {
    validateOptions('useInlineExecutors', options, {
      only: that('an array of executors', Array.isArray),
      copy: flag,
    });
    this.#only = options.only && new Set(options.only.map((reference) => tokenOf(reference)));
  }

  /** The calls so far, oldest first. */
  get calls(): readonly RecordedCall[] {
    return this.#calls;
  }

  /** The arguments of each call of a method so far: `callsOf('ReportService.render')`. */
  callsOf(name: string): (readonly unknown[])[] {
    return this.#calls.filter((call) => call.name === name).map(({ args }) => args);
  }

  /**
   * Answers the calls of a method with `answer` instead of running it, until the end of the test.
   *
   * @throws {@link InvalidOptionError} when the answer is no function
   */
  fake(name: string, answer: Fake): this {
    checkFunction(`fake('${name}', answer)`, answer);
    this.#fakes.set(name, answer);
    return this;
  }

  /** Takes the place of the executors, with no calls and no fakes yet. */
  install(): this {
    this.#calls.length = 0;
    this.#fakes.clear();
    this.restore();
    standInForExecutors(this.#find);
    return this;
  }

  /** Gives the places back, to the executors or to who stood in for them before. A second time does no harm. */
  restore(): void {
    noLongerStandIn(this.#find);
  }

  [Symbol.dispose](): void {
    this.restore();
  }

  #executorFor(token: InjectionToken<unknown>): InlineExecutor {
    let executor = this.#executors.get(token);
    if (!executor) {
      const name = typeof token === 'symbol' ? (executorName(token) ?? token) : token;
      executor = new RecordingExecutor(
        this.options.copy,
        (call) => this.#calls.push({ name: call.name, args: call.args, executor: name }),
        (call) => this.#fakes.get(call.name),
      );
      this.#executors.set(token, executor);
    }
    return executor;
  }
}

class RecordingExecutor extends InlineExecutor {
  constructor(
    copy: boolean | undefined,
    private readonly record: (call: Call) => void,
    private readonly fakeOf: (call: Call) => Fake | undefined,
  ) {
    super(copy === undefined ? {} : { copy });
  }

  override submit<T>(call: Call<T>): Promise<T> {
    this.record(call);
    return super.submit(call);
  }

  protected override async runHere<T>(call: Call<T>): Promise<T> {
    const fake = this.fakeOf(call);
    return fake ? ((await fake(...call.args)) as T) : super.runHere(call);
  }
}

/**
 * Runs decorated methods right here in unit tests, on the caller's own instance with its fakes, and records
 * them. Called at the top of a test file or of a `describe` under Jest or Vitest, with their globals or without, it
 * holds from a `beforeAll` to an `afterAll` of its own, and begins anew with each test. In a test, in a hook, and under
 * other test runners it holds at once: `using inline = useInlineExecutors()` or `inline.restore()` undoes it. Within
 * another one, it has precedence.
 *
 * @throws {@link InvalidOptionError} for an unknown option or a wrong value
 * @example
 * const inline = useInlineExecutors();
 * it('renders', async () => {
 *   inline.fake('ReportService.render', () => 'a report');
 *   await service.send('42');
 *   expect(inline.callsOf('ReportService.render')).toEqual([['42']]);
 * });
 */
export function useInlineExecutors(options: InlineExecutorsOptions = {}): InlineExecutors {
  const inline = new InlineExecutors(options);
  const runner = testRunner();
  if (!runner || isRunning(runner)) return inline.install();
  runner.beforeAll(() => void inline.install());
  runner.beforeEach(() => void inline.install());
  // Not after each: Jest would run that before the `afterEach` of the tests, which may call what they clean up.
  runner.afterAll(() => inline.restore());
  return inline;
}
