import type { SentCall } from '../../calls/wire/frames';
import type { TakeOutcome } from '../../calls/wire/outcome-records';
import type { Patch } from '../../calls/values/payload';

/** In place of an error: the call was not sent, and may be when there is room for it. */
export const NO_ROOM = Symbol('no room');

/** A call that the boundary did not carry, and what it said. */
export interface RefusedCall {
  readonly call: SentCall;
  readonly error: unknown;
}

/** How a worker ended. */
export interface Loss {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly cause?: unknown;
  /** The pool has ended it, and opens no other. */
  readonly isFinal?: boolean;
  /** Whether a call in flight had begun when it ended; the worker was to run the oldest first. */
  hasBegun(id: number, isOldest: boolean): boolean;
}

/** What a link tells its executor. */
export interface LinkEvents {
  /** The worker runs, and its setup module has run. */
  onReady(): void;
  /** The worker could not start. */
  onStartFailed(error: unknown): void;
  /** A call waits, or waits no more, for its module to be imported. */
  onImporting(id: number, importing: boolean): void;
  /** A call has ended with a small result, and ran for so many milliseconds. */
  readonly onFulfilled: TakeOutcome;
  /** A call has ended: its result or error, not yet decoded, and how long it ran in milliseconds. */
  onOutcome(
    id: number,
    status: number,
    value: unknown,
    patches: readonly Patch[] | undefined,
    ms: number,
  ): void;
  /** The outcome of the worker's oldest call has come, and cannot be read: the cause says why. */
  onUnreadable(cause: unknown): void;
  /** These calls had not begun, and never will there. */
  onTakenBack(ids: readonly number[]): void;
  /** All outcomes that had arrived were reported. */
  onDrained(): void;
  /** It took a system call to tell this side: there may be outcomes of other workers too. */
  onWoken(): void;
  /** The worker has ended without being asked to. */
  onLost(loss: Loss): void;
  /** The worker has ended as it was asked to. */
  onClosed(): void;
}

/** One worker, as the executor sees it. */
export interface Link {
  /**
   * Sends calls, or as many as there is room for, but one at least. Those that the boundary refuses are returned with
   * the error, and those for which there is no room at the end, with {@link NO_ROOM}; all others are sent.
   */
  send(calls: readonly SentCall[]): readonly RefusedCall[];
  /** Reports the outcomes that have come and were not reported, so that several are together. */
  collect(): void;
  /** Takes back those calls that have not begun: `onTakenBack` follows for them, at once or later. */
  takeBack(ids: readonly number[]): void;
  /** True when the worker has taken all that was sent to it, or need not, for there is room for more. */
  readonly hasReadAll: boolean;
  /** False while much of what was sent waits on this side: more would wait behind it. `onDrained` tells of the end. */
  readonly hasRoom: boolean;
  /** Aborts the signal of a call. @throws what the boundary says of a reason that it cannot carry */
  abort(id: number, reason: unknown): void;
  /** Has an idle worker dispose its container and end; `onClosed` follows. */
  close(): void;
  /** Ends the worker at once, whatever it runs; `onLost` or `onClosed` follows. */
  terminate(): void;
  /** Whether the worker keeps this process alive: while it has calls. */
  setReferenced(referenced: boolean): void;
}
