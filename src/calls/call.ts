import { amongCopies } from './among-copies';
import { nameOf, type Callable, type CallableDescriptor } from './callable';
import { NotCloneableError } from './errors';
import { loadLaterInWorkers } from './load-later';
import {
  integerAtLeast,
  limitAtLeast,
  milliseconds,
  moduleName,
  oneOf,
  that,
  validateOptions,
} from './options';
import { encodePayload, type Payload } from './values/payload';
import { movable, transferListFrom, type TransferItem } from './values/transfer';
import type * as receivers from './receiver';
import type { ReceiverData, ReceiverMode } from './receiver';

// eslint-disable-next-line @typescript-eslint/no-require-imports
const loadReceivers = loadLaterInWorkers('values', () => require('./receiver') as typeof receivers);

/** Options of one decorated method; times are in milliseconds. */
export interface CallOptions {
  /** How long the call may run, from 1, once its module is imported; the worker is freed then. Default: no limit. */
  readonly timeoutMs?: number;
  /** How long the call may wait for a worker, from 1, as of its submission. Default: no limit. */
  readonly queueTimeoutMs?: number;
  /** How many calls of this method may run at once in an executor, at least 1. Default: no limit. */
  readonly concurrency?: number;
  /** What `this` is in the worker. Default: `'resolve'` for classes that tsyringe knows, else `'copy'`. */
  readonly receiver?: ReceiverMode;
  /** Which ArrayBuffers, ports and the like of the arguments are moved instead of copied. Default: none. */
  readonly transfer?: (...args: never[]) => readonly TransferItem[];
  /** The module that defines the class, as an absolute path or a `file:` URL. Default: found by itself. */
  readonly module?: string | URL;
  /**
   * How long an aborted or timed-out call that has an AbortSignal among its arguments may take to stop by itself, from
   * 0. Default: 1,000.
   */
  readonly graceMs?: number;
  /** How often a call runs again after its worker was lost, unless it moved its arguments. Default: 0. */
  readonly retriesOnLoss?: number;
}

/** Checks the options of `@RunInExecutor` and `runInExecutor`. */
export function validateCallOptions(owner: string, options: CallOptions): void {
  validateOptions(owner, options, {
    timeoutMs: milliseconds(1),
    queueTimeoutMs: milliseconds(1),
    concurrency: limitAtLeast(1),
    receiver: oneOf('resolve', 'copy', 'none'),
    transfer: that(
      'a function from the arguments to a transfer list',
      (value) => typeof value === 'function',
    ),
    module: moduleName,
    graceMs: milliseconds(0),
    retriesOnLoss: integerAtLeast(0),
  });
}

/** A call as plain data: what an executor may ship to where the method is found again. */
export interface Envelope {
  readonly kind: 'call';
  readonly callable: CallableDescriptor;
  readonly args: Payload;
  readonly receiver: ReceiverData | undefined;
}

/**
 * One invocation of a decorated method. An executor's `submit` runs it here ({@link Call.run}), passes it on
 * (`inner.submit(call)`), or ships it ({@link Call.envelope}).
 */
export class Call<T = unknown> {
  /** The method as people name it: `ReportService.render`. */
  readonly name: string;
  /** The AbortSignal among the arguments; a call that is copied has one at most. */
  readonly signal: AbortSignal | undefined;

  constructor(
    /** @internal */
    readonly callable: Callable,
    /** @internal */
    readonly receiver: unknown,
    /** @internal */
    readonly args: readonly unknown[],
    /** The options of the decorated method. */
    readonly options: CallOptions,
    /** @internal */
    readonly receiverMode: ReceiverMode | 'probe',
  ) {
    this.name = callable.name;
    this.signal = signalAmong(args);
  }

  /** Runs the method here, on the caller's own receiver and arguments, and awaits its result. */
  async run(): Promise<T> {
    return (await this.callable.fn.apply(this.receiver, this.args as unknown[])) as T;
  }

  /**
   * Turns the call into plain data.
   *
   * @param options - `sharedMemory: false` when it is to leave this process
   * @throws {@link NotCloneableError} when an argument, or a field of the receiver, cannot be copied
   */
  envelope({ sharedMemory = true }: { sharedMemory?: boolean } = {}): Envelope {
    const { callable } = this;
    const args = this.encodeArguments(sharedMemory);
    const receiver = loadReceivers().encodeReceiver(this.receiver, callable, this.receiverMode, sharedMemory);
    return { kind: 'call', callable: callable.descriptor, args, receiver };
  }

  /** @internal */
  encodeArguments(sharedMemory: boolean): Payload {
    try {
      const args = encodePayload(this.args, { root: 'arguments', sharedMemory });
      // Nothing can be moved out of a process.
      if (!sharedMemory && args.transfer) return { ...args, transfer: undefined };
      return sharedMemory && this.options.transfer ? this.#move(args, this.options.transfer) : args;
    } catch (error) {
      throw error instanceof NotCloneableError ? named(error, nameOf(this.callable.descriptor)) : error;
    }
  }

  #move(args: Payload, listOf: NonNullable<CallOptions['transfer']>): Payload {
    const list = transferListFrom(`${this.name}: option 'transfer'`, listOf(...(this.args as never[])));
    return { ...args, transfer: movable([...(args.transfer ?? []), ...list], 'arguments') };
  }
}

/** The AbortSignal among the arguments of a call. */
export function signalAmong(args: readonly unknown[]): AbortSignal | undefined {
  for (let index = 0; index < args.length; index++) {
    const arg = args[index];
    if (typeof arg === 'object' && arg instanceof AbortSignal) return arg;
  }
  return undefined;
}

function named(error: NotCloneableError, name: string): NotCloneableError {
  return new NotCloneableError(
    `${name}: ${error.message} Pass plain data, a @Portable() instance, or what the worker needs to open its own.`,
    error.path,
  );
}

type CallFactory = (args: readonly unknown[]) => Call;
type MethodCallFactory = (receiver: unknown, args: readonly unknown[]) => Call;

const factories = amongCopies('call-factories', () => ({
  functions: new WeakMap<object, CallFactory>(),
  methods: new WeakMap<object, MethodCallFactory>(),
}));

/** Notes how to make a call of a function wrapped by `runInExecutor`, for executors that are handed it. */
export function setCallFactory(fn: object, factory: CallFactory): void {
  factories.functions.set(fn, factory);
}

/** A call of `fn`, when `runInExecutor` has made it. */
export function callOf<T>(fn: object, args: readonly unknown[]): Call<T> | undefined {
  return factories.functions.get(fn)?.(args) as Call<T> | undefined;
}

/** Notes how to make a call of a decorated method, for those who make it in a way of their own. */
export function setMethodCallFactory(method: object, factory: MethodCallFactory): void {
  factories.methods.set(method, factory);
}

/** What makes calls of a decorated method; undefined when it is none. */
export function methodCallFactoryOf(method: object): MethodCallFactory | undefined {
  return factories.methods.get(method);
}
