/** What callers are told of what a boundary did not carry. */
import type { Envelope } from './call';
import type { Callable } from './callable';
import { NotCloneableError } from './errors';
import { reasonOf } from './message-of';
import { refusalOf } from './values/payload';

/** What of a call a boundary may refuse. */
interface RefusedCall {
  readonly callable: Callable;
  readonly envelope: Pick<Envelope, 'args' | 'receiver'>;
}

/** Why a call was not sent: finds what was refused, by trying each part alone. */
export function callRefusal(
  { callable: { name }, envelope }: RefusedCall,
  cause: unknown,
): NotCloneableError {
  const { args, receiver } = envelope;
  const ofArguments = refusalOf(cause, args.value, 'arguments', args.transfer);
  const found = refusalOf(ofArguments, receiver?.[2], 'this');
  // What processes alone refuse may be any part, or all together.
  const what = args.transfer ? 'a part of its arguments is to be moved' : 'it has arguments';
  return refusal(name, found, 'arguments', `${what}, which cannot be copied to a worker`, cause);
}

/** Why a result was not copied: a part of it cannot be, the boundary refused it, or a getter of it threw. */
export function resultRefusal(name: string, cause: unknown): NotCloneableError {
  const advice = ' Return plain data or a @Portable() instance.';
  return refusal(name, cause, 'result', 'the result cannot be copied', cause, advice);
}

/** @param found - names the part that was refused, or is what the boundary said of the whole */
function refusal(
  name: string,
  found: unknown,
  whole: string,
  what: string,
  cause: unknown,
  advice = '',
): NotCloneableError {
  const isPart = found instanceof NotCloneableError;
  const told = isPart ? found.message : `${what}: ${reasonOf(found)}.`;
  // What has named the part has nothing behind it: it is told already.
  const options = isPart && found === cause ? undefined : { cause };
  return new NotCloneableError(`${name}: ${told}${advice}`, isPart ? found.path : whole, options);
}
