import type { Frame, OutcomeFrame, ReceivedCall } from '../calls/wire/frames';
import type { Payload } from '../calls/values/payload';

/** The way to the executor and back. */
export interface HostPort {
  /** The next call to run, if one has come. */
  take(): ReceivedCall | undefined;
  /** True when the call is this worker's to run; false when the executor took it back. */
  begin(id: number, callable: number, now: number): boolean;
  /**
   * Sends a small value as an outcome; false when it is not small.
   *
   * @throws what a getter of the value throws
   */
  fulfillSmall(id: number, value: unknown, ms: number): boolean;
  /** Sends a small error as an outcome, or a small result with patches; false when it is not small. */
  sendSmall(frame: OutcomeFrame): boolean;
  /** Sends a frame. @throws what the boundary says of a value that it cannot carry */
  send(frame: Frame, transfer?: Payload['transfer']): void;
  /** Whether values may hold memory shared with the executor. */
  readonly sharedMemory: boolean;
  /** Receives the abort of a call if there is one, without a turn of the loop. */
  receiveAbort?(id: number): void;
  /** Told when the worker goes back to its loop while it has calls still. */
  onAway?(): void;
  /** Told when all calls that have come are answered. */
  onIdle?(): void;
}

/** The longest that a worker goes without a turn of its loop, where timers and sockets of the user wait. */
export const WITHOUT_TURN_MS = 1;
