/**
 * What travels between an executor and a worker. A frame is an array whose first item is its kind: arrays
 * cost structured clone and the v8 codec less than objects with named fields.
 */
import type { MessagePort } from 'node:worker_threads';
import type { Envelope } from '../call';
import type { Callable, CallableDescriptor } from '../callable';
import type { Patch } from '../values/payload';
import type { ReceiverData } from '../receiver';

export const FrameKind = {
  /** To the worker: a call: id, callable, arguments, their patches, receiver. */
  call: 0,
  /** To the worker: abort the signal of a call: id, reason, patches of the reason. */
  abort: 1,
  /** To the worker: dispose the container, and end. */
  close: 2,
  /** From the worker: started, the setup module has run. */
  ready: 3,
  /** From the worker: could not start: the error and its patches. */
  startFailed: 4,
  /** From the worker: a call has ended: id, status, value, patches, and how long it ran in milliseconds. */
  outcome: 5,
  /** From the worker: the call waits while its module is imported (`true`), or no longer does. */
  importing: 7,
  /** To a process, first: its settings. Threads get them with their port. */
  start: 6,
  /** From a process: calls that it has passed over, for its watchdog had taken them back: their ids. */
  passedOver: 8,
  /** From a process that ends: it runs no call. */
  ended: 9,
  /** From a thread: what it wrote to stdout and stderr has left it. */
  outputHasLeft: 10,
} as const;

/** A receiver that comes again has a number on the wire, and is sent with it once. */
export type ReceiverReference = number | readonly [id: number, data: ReceiverData] | ReceiverData | undefined;

/** What a worker was told, by what it was told: its callables, and the numbers of receivers. */
export interface Known {
  readonly callables: ReadonlySet<number>;
  readonly receivers: ReadonlyMap<ReceiverData, number>;
}

/** A callable on the wire: its index, with the descriptor the first time a worker hears of it. */
export type CallableReference = number | readonly [index: number, descriptor: CallableDescriptor];

export const OutcomeStatus = {
  fulfilled: 0,
  rejected: 1,
  /** The worker could not import the module of the method: no call of that module can succeed there. */
  importFailed: 2,
} as const;

export type Frame = readonly [kind: number, ...rest: unknown[]];

export type OutcomeFrame = readonly [
  kind: typeof FrameKind.outcome,
  id: number,
  status: number,
  value: unknown,
  patches: readonly Patch[] | undefined,
  ms: number,
];

/** A call on its way to a worker: its number on this link, and what to send. */
export interface SentCall {
  readonly id: number;
  readonly callable: Callable;
  readonly envelope: Envelope;
}

/** A call as it has come to a worker: not yet decoded. */
export interface ReceivedCall {
  readonly id: number;
  /** The index of the callable. */
  readonly callable: number;
  readonly args: unknown;
  readonly patches: readonly Patch[] | undefined;
  readonly receiver: ReceiverData | undefined;
}

/** What a worker is told when it starts. */
export interface WorkerSettings {
  /** The module that each worker imports first; its default export gets the worker's container. */
  readonly setup: string | undefined;
  /** The package that loads TypeScript, when the application chose one. */
  readonly loader: string | undefined;
  /** True when the application has stacks point into the sources that it was compiled from. */
  readonly sourceMaps: boolean;
  /** True under a test runner: its globals are then stood in for, so that test files can be imported. */
  readonly underTest: boolean;
  /** How many workers are within one another, down to this one. */
  readonly depth: number;
}

/** What a thread gets when it starts. */
export interface ThreadStart {
  readonly port: MessagePort;
  readonly memory: SharedArrayBuffer;
  readonly settings: WorkerSettings;
}

/** Instead of a frame: the other side is to look into the memory that both share. */
export const LOOK = 0;
