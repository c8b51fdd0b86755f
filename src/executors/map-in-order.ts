import { addCallerStack } from '../calls/caller-stack';
import { describeValue } from '../calls/values/describe-value';
import { InvalidOptionError } from '../calls/errors';
import { Fifo } from '../calls/fifo';
import { isThenable } from '../calls/thenable';

/**
 * Starts a call for each item, so many at a time, and yields the results in the order of the items. A result that
 * is there does not wait for the next item, which the source may only have once it knows the result. What fails,
 * a call or the source, is an error in its place in that order.
 *
 * @param hasRoom - tells whether one more call would be taken; while none would, it goes on with those that it has
 */
export async function* mapInOrder<I, R>(
  start: (item: I) => Promise<R>,
  items: Iterable<I> | AsyncIterable<I>,
  concurrency: number,
  hasRoom: () => boolean,
): AsyncGenerator<R, void, undefined> {
  const source = iteratorOf(items);
  const results = new Fifo<Promise<R>>();
  let isEnded = false;
  /** Settles when the item that was asked for is there; undefined when none is awaited. */
  let coming: Promise<void> | undefined;

  const add = (result: Promise<R>): void => {
    // Its rejection is met when its turn comes; until then nobody awaits it.
    result.catch(() => undefined);
    results.push(result);
  };
  const receive = (item: I): void => {
    coming = undefined;
    // It may come when the consumer has gone.
    if (!isEnded) add(start(item));
  };
  const fail = (error: unknown): void => {
    coming = undefined;
    isEnded = true;
    add(Promise.reject(error));
  };
  const take = ({ done, value }: IteratorResult<I, unknown>): void => {
    if (!done && isThenable(value)) coming = Promise.resolve(value as PromiseLike<I>).then(receive, fail);
    else if (!done) receive(value);
    else {
      coming = undefined;
      isEnded = true;
    }
  };
  const ask = (): void => {
    try {
      const step = source.next();
      if (isThenable(step)) coming = Promise.resolve(step).then(take, fail);
      else take(step);
    } catch (error) {
      fail(error);
    }
  };

  // With none of its own to wait for it asks all the same, and hears why not.
  const mayAsk = (): boolean =>
    !isEnded && !coming && results.size < concurrency && (results.size === 0 || hasRoom());

  try {
    for (;;) {
      while (mayAsk()) ask();
      if (coming && !(await isSettledBefore(coming, results.first))) continue;
      const result = results.shift();
      if (!result) return;
      yield await result;
    }
  } catch (error) {
    addCallerStack(error, mapInOrder);
    throw error;
  } finally {
    const closing = isEnded ? undefined : source.return?.();
    isEnded = true;
    // A source that is asked for an item closes when it has it, which may be never.
    if (coming) Promise.resolve(closing).catch(() => undefined);
    else await closing;
  }
}

function iteratorOf<I>(items: Iterable<I> | AsyncIterable<I>): Iterator<I> | AsyncIterator<I> {
  // As `for await` does it: of primitives, such as a text, too.
  const own = Object(items) as Partial<Iterable<I> & AsyncIterable<I>>;
  const source = own[Symbol.asyncIterator]?.() ?? own[Symbol.iterator]?.();
  if (source) return source;
  throw new InvalidOptionError(`map: expected items, such as an array, found ${describeValue(items)}.`);
}

/** True when `result` is there before `coming` is. */
function isSettledBefore(coming: Promise<void>, result: Promise<unknown> | undefined): Promise<boolean> {
  const yes = (): boolean => true;
  const no = coming.then(() => false);
  return result ? Promise.race([no, result.then(yes, yes)]) : no;
}
