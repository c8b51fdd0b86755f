import { InvalidOptionError } from '../calls/errors';
import { describe } from '../calls/options';
import { PermitHolder } from './permit-holder';
import { permitsWords } from './permits';
import { makePortable } from './portable-primitive';
import { allocate, attach, Kind, type SharedState } from './shared-memory';

const MOST_PERMITS = 65_536;

/**
 * A number of permits that threads share: so many holders at a time, first come, first served. When the worker of
 * a holder dies, its permit goes to the next one, and `abandoned` on its releaser says so.
 *
 * Python's counterpart is `threading.BoundedSemaphore`. To limit async tasks of one thread, take `p-limit`.
 *
 * @example
 * const connections = new Semaphore(4);
 * using held = connections.acquireSync();
 */
export class Semaphore extends PermitHolder {
  /**
   * @param permits - how many, from 1 to 65,536
   * @throws {@link InvalidOptionError} for any other number
   */
  constructor(permits: number);
  /** @internal */
  constructor(permits: number | Int32Array);
  constructor(permits: number | Int32Array) {
    super('Semaphore', permits instanceof Int32Array ? permits : allocatePermits(permits));
  }

  /**
   * The semaphore that {@link toPortable} described.
   *
   * @throws {@link InvalidOptionError} when it was none
   */
  static fromPortable(state: SharedState): Semaphore {
    return new Semaphore(attach('Semaphore', Kind.semaphore, state));
  }

  /** How many permits are free now. */
  get available(): number {
    return this.free;
  }
}

function allocatePermits(permits: number): Int32Array {
  if (!Number.isInteger(permits) || permits < 1 || permits > MOST_PERMITS) {
    throw new InvalidOptionError(
      `Semaphore: expected a number of permits from 1 to ${MOST_PERMITS}, found ${describe(permits)}.`,
    );
  }
  return allocate(Kind.semaphore, permitsWords(permits), permits);
}

makePortable(Semaphore, __filename);
