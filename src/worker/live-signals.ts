import type { ReceivedCall } from '../calls/frames';

/** The signals that calls have among their arguments: real ones, aborted when the executor says so. */
export class LiveSignals {
  readonly #controllers = new Map<number, AbortController>();

  /** @param look - takes the abort of a call if there is one, without a turn of the loop */
  constructor(private readonly look: (id: number) => void) {}

  /** The signal of a call, if it has one. */
  of({ id, patches }: ReceivedCall): AbortSignal | undefined {
    if (!patches?.some(([, kind]) => kind === 'signal')) return undefined;
    const controller = new AbortController();
    this.#controllers.set(id, controller);
    return livePolled(controller.signal, () => this.look(id));
  }

  abort(id: number, reason: unknown): void {
    this.#controllers.get(id)?.abort(reason);
  }

  ended(id: number): void {
    if (this.#controllers.size > 0) this.#controllers.delete(id);
  }
}

/** A signal that looks for an abort whenever it is asked: true news even in a synchronous loop. */
function livePolled(signal: AbortSignal, look: () => void): AbortSignal {
  const isAborted = (): boolean => Reflect.get(AbortSignal.prototype, 'aborted', signal) === true;
  return Object.defineProperty(signal, 'aborted', {
    configurable: true,
    get: () => {
      if (!isAborted()) look();
      return isAborted();
    },
  });
}
