import { clone } from '../calls/values/clone';
import { decodeError } from '../calls/values/decode-error';
import type { Payload } from '../calls/values/payload';
import { adopt, isForeign } from '../calls/values/realm';
import { sendError } from '../calls/wire/send-error';

/** A value as it is after it has crossed a boundary, in the realm of this thread's code. */
export function delivered(value: unknown, transfer?: Payload['transfer']): unknown {
  const box = clone([value], transfer);
  return (isForeign(box) ? adopt(box) : box)[0];
}

/** An error as it arrives from a worker. */
export function copyOfError(error: unknown): unknown {
  let copy: unknown;
  sendError(error, true, (value, patches) => {
    copy = decodeError(delivered(value), patches);
  });
  return copy;
}
