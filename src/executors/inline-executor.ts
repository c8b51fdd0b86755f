import { clearTimeout, setTimeout } from '../calls/clock';
import { onAbort } from '../calls/abort-listeners';
import type { Call } from '../calls/call';
import { copyOfError, delivered } from './delivered';
import { CallTimeoutError } from '../calls/errors';
import { flag, validateOptions } from '../calls/options';
import { decodePayload, encodePayload, refusalOf } from '../calls/values/payload';
import { callRefusal, resultRefusal } from '../calls/refusals';
import { Executor, validateShutdownOptions, type ShutdownOptions } from './executor';
import { isCall, noCallError, shutdownError } from './pool-errors';

/** Options of {@link InlineExecutor}. */
export interface InlineOptions {
  /** Copy arguments, results and errors as a worker would, so that what passes here passes there. Default: true. */
  readonly copy?: boolean;
}

/**
 * Runs calls right here, on the caller's own instance: for unit tests, and to switch executors off. It blocks
 * the event loop as the plain method would.
 *
 * A call rejects when its signal aborts, and when its `timeoutMs` is over; it cannot be stopped here, and a
 * synchronous method hears of neither before it ends. Calls begin at once: `concurrency` and `queueTimeoutMs`
 * have no effect.
 *
 * @example container.register(executorToken('thread'), { useValue: new InlineExecutor() });
 */
export class InlineExecutor extends Executor {
  readonly #copy: boolean;
  #isShutDown = false;
  #running = 0;
  /** Those who wait for the last call to end. */
  #onEnd: (() => void)[] = [];

  /** @throws {@link InvalidOptionError} for an unknown option or a wrong value */
  constructor(options: InlineOptions = {}) {
    super();
    validateOptions('InlineExecutor', options, { copy: flag });
    this.#copy = options.copy ?? true;
  }

  override async submit<T>(call: Call<T>): Promise<T> {
    if (this.#isShutDown)
      throw shutdownError(this, call.name, this.#running > 0 ? 'shutting down' : 'terminated');
    if (!isCall(call)) throw noCallError(this, call);
    if (call.signal?.aborted) throw call.signal.reason;
    this.#running++;
    try {
      return await unlessGivenUp(call, () => this.runHere(call));
    } finally {
      if (--this.#running === 0) for (const tell of this.#onEnd.splice(0)) tell();
    }
  }

  /** @internal Runs the method of a call; a test's fake may answer in its place. */
  protected runHere<T>(call: Call<T>): Promise<T> {
    return this.#copy ? runOnCopies(call) : call.run();
  }

  /**
   * Takes no more calls, and lets those that it has end. They cannot be stopped here: `drainTimeoutMs` is how long it
   * waits for them. A call that one of them makes now is refused like any other, where a worker would run it in place;
   * and one that awaits the shutdown of its own executor waits for itself, unless `drainTimeoutMs` ends that.
   *
   * @throws {@link InvalidOptionError} for an unknown option or a wrong value
   */
  override async shutdown(options: ShutdownOptions = {}): Promise<void> {
    validateShutdownOptions(options);
    this.#isShutDown = true;
    if (this.#running === 0) return;
    const { drainTimeoutMs = Infinity } = options;
    await new Promise<void>((resolve) => {
      const timer = drainTimeoutMs === Infinity ? undefined : setTimeout(resolve, drainTimeoutMs);
      this.#onEnd.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

async function runOnCopies<T>(call: Call<T>): Promise<T> {
  const args = copyOfArguments(call);
  let result: unknown;
  try {
    result = await call.callable.fn.apply(call.receiver, args);
  } catch (error) {
    throw copyOfError(error);
  }
  return copyOfResult(result, call) as T;
}

/** The outcome of a call, unless its signal aborts first, or its time is over; it watches before the call begins. */
async function unlessGivenUp<T>({ name, signal, options }: Call, run: () => Promise<T>): Promise<T> {
  const { timeoutMs = Infinity } = options;
  if (!signal && timeoutMs === Infinity) return run();
  let stop!: () => void;
  const givenUp = new Promise<never>((_, reject) => {
    const unsubscribe = signal && onAbort(signal, () => reject(signal.reason));
    const timeOut = (): void =>
      reject(new CallTimeoutError(`${name} ran for longer than its timeoutMs of ${timeoutMs} ms.`));
    const timer = timeoutMs === Infinity ? undefined : setTimeout(timeOut, timeoutMs);
    stop = () => {
      unsubscribe?.();
      clearTimeout(timer);
    };
  });
  try {
    return await Promise.race([givenUp, run()]);
  } finally {
    stop();
  }
}

function copyOfArguments(call: Call): unknown[] {
  const args = call.encodeArguments(true);
  let copy: unknown;
  try {
    copy = delivered(args.value, args.transfer);
  } catch (cause) {
    throw callRefusal({ callable: call.callable, envelope: { args, receiver: undefined } }, cause);
  }
  return decodePayload(copy, args.patches, call.signal) as unknown[];
}

function copyOfResult(result: unknown, call: Call): unknown {
  try {
    const { value, patches, transfer } = encodePayload(result, { root: 'result' });
    return decodePayload(delivered(value, transfer), patches);
  } catch (cause) {
    throw resultRefusal(call.name, refusalOf(cause, result, 'result'));
  }
}
