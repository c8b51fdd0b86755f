import type { Envelope } from '../calls/call';
import type { Callable } from '../calls/callable';
import type { Outcome } from '../calls/frames';

/** A call on its way to a worker: its number on this link, and what to send. */
export interface SentCall {
  readonly id: number;
  readonly callable: Callable;
  readonly envelope: Envelope;
}

/** How a worker ended. */
export interface Loss {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly cause?: unknown;
  /** Which of the calls in flight had begun when it ended. */
  hasBegun(id: number): boolean;
}

/** What a link tells its executor. */
export interface LinkEvents {
  /** The worker runs, its setup module has run, and it has begun so many calls before. */
  onReady(callsBegun: number): void;
  /** The worker could not start. */
  onStartFailed(error: unknown): void;
  /** A call waits, or waits no more, for its module to be imported. */
  onImporting(id: number, importing: boolean): void;
  onOutcome(outcome: Outcome): void;
  /** These calls had not begun, and never will there. */
  onTakenBack(ids: readonly number[]): void;
  /** All outcomes that had arrived were reported. */
  onDrained(): void;
  /** The worker has ended without being asked to. */
  onLost(loss: Loss): void;
  /** The worker has ended as it was asked to. */
  onClosed(): void;
}

/** One worker, as the executor sees it. */
export interface Link {
  /**
   * Sends calls in one frame. Those that the boundary refuses are returned with the error; all others are sent.
   */
  send(calls: readonly SentCall[]): readonly { call: SentCall; error: unknown }[];
  /** Takes back those calls that have not begun: `onTakenBack` follows for them, at once or later. */
  takeBack(ids: readonly number[]): void;
  /** Aborts the signal of a call. */
  abort(id: number, reason: unknown): void;
  /** Ends the session of an idle worker; `onClosed` follows. With `retire` the worker itself ends too. */
  close(retire: boolean): void;
  /** Ends the worker at once, whatever it runs; `onLost` or `onClosed` follows. */
  terminate(): void;
  /** Whether the worker keeps this process alive: while it has calls. */
  setReferenced(referenced: boolean): void;
}
