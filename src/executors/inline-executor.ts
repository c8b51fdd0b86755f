import type { Call } from '../calls/call';
import { NotCloneableError } from '../calls/errors';
import { that, validateOptions } from '../calls/options';
import { decodePayload, encodePayload, refusalOf } from '../calls/payload';
import { adopt, isForeign } from '../calls/realm';
import { resultError } from '../calls/result-error';
import { Executor } from './executor';

export interface InlineOptions {
  /** Copy arguments and results as a worker would, so that what passes here passes there. Default: true. */
  readonly copy?: boolean;
}

/**
 * Runs calls right here, on the caller's own instance: for unit tests, and to switch executors off. It blocks
 * the event loop as the plain method would.
 *
 * @example container.register(executorToken('thread'), { useValue: new InlineExecutor() });
 */
export class InlineExecutor extends Executor {
  readonly #copy: boolean;

  /** @throws {@link InvalidOptionError} for an unknown option or a wrong value */
  constructor(options: InlineOptions = {}) {
    super();
    validateOptions('InlineExecutor', options, {
      copy: that('a boolean', (value) => typeof value === 'boolean'),
    });
    this.#copy = options.copy ?? true;
  }

  override async submit<T>(call: Call<T>): Promise<T> {
    if (call.signal?.aborted) throw call.signal.reason;
    if (!this.#copy) return call.run();
    const args = copyOf(call.args, 'arguments', call) as unknown[];
    const result: unknown = await call.callable.fn.apply(call.receiver, args);
    return copyOf(result, 'result', call) as T;
  }
}

function copyOf(value: unknown, root: string, call: Call): unknown {
  try {
    const payload = encodePayload(value, { root });
    const box = structuredClone([payload.value], { transfer: payload.transfer as never });
    if (isForeign(box)) adopt(box);
    return decodePayload(box[0], payload.patches, call.signal);
  } catch (thrown) {
    const error = refusalOf(thrown, value, { root });
    if (root === 'result') throw resultError(call.name, error);
    if (!(error instanceof NotCloneableError)) throw error;
    throw new NotCloneableError(`${call.name}: ${error.message}`, error.path);
  }
}
