import { decodeError } from '../../calls/values/decode-error';
import { FrameKind, type Frame } from '../../calls/wire/frames';
import { encodePayload, type Patch, type Payload } from '../../calls/values/payload';
import { adopt, isForeign } from '../../calls/values/realm';
import type { LinkEvents } from './link';

/** Tells the pool what a worker's frame says, in the realm of this thread's code. */
export function receiveFrame(frame: Frame, events: LinkEvents): void {
  if (isForeign(frame as unknown as unknown[])) adopt(frame);
  switch (frame[0]) {
    case FrameKind.outcome: {
      events.onOutcome(
        frame[1] as number,
        frame[2] as number,
        frame[3],
        frame[4] as readonly Patch[] | undefined,
        frame[5] as number,
      );
      break;
    }
    case FrameKind.ready:
      events.onReady();
      break;
    case FrameKind.importing:
      events.onImporting(frame[1] as number, frame[2] as boolean);
      break;
    case FrameKind.startFailed:
      events.onStartFailed(decodeError(frame[1], frame[2] as readonly Patch[]));
  }
}

/** The reason of an abort as a payload: one that cannot be copied arrives as an error that says so. */
export function encodeReason(reason: unknown, sharedMemory: boolean): Payload {
  try {
    return encodePayload(reason, { root: 'reason', sharedMemory });
  } catch (error) {
    return encodePayload(error, { root: 'reason' });
  }
}
