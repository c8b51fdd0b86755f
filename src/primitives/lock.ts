import { PermitHolder } from './permit-holder';
import { permitsWords } from './permits';
import { makePortable } from './portable-primitive';
import { allocate, attach, checkWords, Kind, type SharedState } from './shared-memory';

/**
 * A lock that threads share: one holder at a time, first come, first served, whether it waits in place or not.
 * Hand it to a decorated method as an argument. When the worker of a holder dies, the next one gets the lock,
 * and `abandoned` on its releaser says so. It is not reentrant.
 *
 * Python's counterpart is `threading.Lock`. To keep async tasks of one thread apart, take `async-mutex`.
 *
 * @example
 * const lock = new Lock();
 * await Promise.all([accounts.book(lock, 1), accounts.book(lock, 2)]);
 * // in the method: lock.runSync(() => balance[0]++);
 */
export class Lock extends PermitHolder {
  constructor();
  /** @internal */
  constructor(words: Int32Array);
  constructor(words: Int32Array = allocate(Kind.lock, permitsWords(1), 1)) {
    super('Lock', checkWords('Lock', words));
  }

  /**
   * The lock that {@link toPortable} described.
   *
   * @throws {@link InvalidOptionError} when it was none
   */
  static fromPortable(state: SharedState): Lock {
    return new Lock(attach('Lock', Kind.lock, state));
  }

  /** True while someone holds it. */
  get locked(): boolean {
    return this.free === 0;
  }
}

makePortable(Lock, __filename);
