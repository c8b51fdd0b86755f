import type { Envelope } from '../../calls/call';
import type { Callable } from '../../calls/callable';
import { NotCloneableError } from '../../calls/errors';
import { messageOf } from '../../calls/message-of';
import { refusalOf } from '../../calls/values/payload';

/** What of a call a boundary may refuse. */
interface RefusedData {
  readonly callable: Callable;
  readonly envelope: Pick<Envelope, 'args' | 'receiver'>;
}

/** Finds what the boundary refused, by trying each part alone. */
export function explainRefusal({ callable: { name }, envelope }: RefusedData, cause: unknown): unknown {
  const { args, receiver } = envelope;
  let found = refusalOf(cause, args.value, 'arguments', args.transfer);
  if (found === cause) found = refusalOf(cause, receiver?.[2], 'this');
  if (found instanceof NotCloneableError)
    return new NotCloneableError(`${name}: ${found.message}`, found.path, { cause });
  // What processes alone refuse may be any part, or all together.
  const what = args.transfer ? 'a part of its arguments is to be moved' : 'it has arguments';
  const why = messageOf(cause).replace(/\.$/, '');
  return new NotCloneableError(`${name}: ${what}, which cannot be copied to a worker: ${why}.`, 'arguments', {
    cause,
  });
}
