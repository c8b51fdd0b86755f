import type { Envelope } from '../../calls/call';
import type { Callable } from '../../calls/callable';
import { NotCloneableError } from '../../calls/errors';
import { reasonOf } from '../../calls/message-of';
import { refusalOf } from '../../calls/values/payload';

/** What of a call a boundary may refuse. */
interface RefusedData {
  readonly callable: Callable;
  readonly envelope: Pick<Envelope, 'args' | 'receiver'>;
}

/** Finds what the boundary refused, by trying each part alone. */
export function explainRefusal({ callable: { name }, envelope }: RefusedData, cause: unknown): unknown {
  const { args, receiver } = envelope;
  const ofArguments = refusalOf(cause, args.value, 'arguments', args.transfer);
  const found = refusalOf(ofArguments, receiver?.[2], 'this');
  const isFound = found instanceof NotCloneableError;
  // What processes alone refuse may be any part, or all together.
  const what = args.transfer ? 'a part of its arguments is to be moved' : 'it has arguments';
  const told = isFound ? found.message : `${what}, which cannot be copied to a worker: ${reasonOf(cause)}.`;
  return new NotCloneableError(`${name}: ${told}`, isFound ? found.path : 'arguments', { cause });
}
