import type { Envelope } from '../../calls/call';
import type { Callable } from '../../calls/callable';
import { describeValue } from '../../calls/values/cloneable';
import { clone } from '../../calls/values/clone';
import { NotCloneableError } from '../../calls/errors';
import { messageOf } from '../../calls/message-of';
import { refusalOf } from '../../calls/values/payload';

/** What of a call a boundary may refuse. */
interface RefusedData {
  readonly callable: Callable;
  readonly envelope: Pick<Envelope, 'args' | 'receiver'>;
}

/** Finds what the boundary refused, by trying each alone. */
export function explainRefusal({ callable: { name }, envelope }: RefusedData, cause: unknown): unknown {
  const args = envelope.args.value;
  const found = refusalOf(cause, args, { root: 'arguments' });
  if (found instanceof NotCloneableError)
    return new NotCloneableError(`${name}: ${found.message}`, found.path, { cause });
  const [path, what] = refusedPart(envelope);
  const why = messageOf(cause).replace(/\.$/, '');
  return new NotCloneableError(`${name}: ${what}, which cannot be copied to a worker: ${why}.`, path, {
    cause,
  });
}

function refusedPart({ args: payload, receiver }: RefusedData['envelope']): [path: string, what: string] {
  const args = payload.value as unknown[];
  const index = args.findIndex((arg) => !canBeCloned(arg));
  const path = `arguments[${index}]`;
  if (index >= 0) return [path, `${path} is ${describeValue(args[index])}`];
  if (!canBeCloned(receiver)) return ['this', 'this is a field of the receiver'];
  // What processes alone refuse may be any part, or all together.
  return ['arguments', payload.transfer ? 'a part of its arguments is to be moved' : 'it has arguments'];
}

function canBeCloned(value: unknown): boolean {
  try {
    clone(value);
    return true;
  } catch {
    return false;
  }
}
