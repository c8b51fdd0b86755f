import type { ReceivedCall } from '../calls/wire/frames';

/** The signals that calls have among their arguments: real ones, aborted when the executor says so. */
export class LiveSignals {
  readonly #controllers = new Map<number, AbortController>();
  /** Of aborts that came before their calls began, as while a module was imported. */
  readonly #reasons = new Map<number, unknown>();
  /** The call that ended last: ids rise, and what is told of one that has ended is late. */
  #ended = 0;

  /** @param look - takes the abort of a call if there is one, without a turn of the loop */
  constructor(private readonly look: (id: number) => void) {}

  /** The signal of a call, if it has one. */
  of({ id, patches }: ReceivedCall): AbortSignal | undefined {
    if (!patches?.some(([, kind]) => kind === 'signal')) return undefined;
    const controller = new AbortController();
    this.#controllers.set(id, controller);
    if (this.#reasons.has(id)) controller.abort(this.#reasons.get(id));
    return livePolled(controller.signal, () => this.look(id));
  }

  abort(id: number, reason: unknown): void {
    const controller = this.#controllers.get(id);
    if (controller) controller.abort(reason);
    else if (id > this.#ended) this.#reasons.set(id, reason);
  }

  ended(id: number): void {
    this.#ended = id;
    if (this.#controllers.size > 0) this.#controllers.delete(id);
    if (this.#reasons.size > 0) this.#forget(id);
  }

  /** Calls before this one that were told of an abort were taken back. */
  #forget(ended: number): void {
    for (const id of this.#reasons.keys()) if (id <= ended) this.#reasons.delete(id);
  }
}

/** A signal that looks for an abort whenever it is asked: true news even in a synchronous loop. */
function livePolled(signal: AbortSignal, look: () => void): AbortSignal {
  looks.set(signal, look);
  // To define getters on each signal would take as long as to make it does.
  return Object.setPrototypeOf(signal, (livePrototype ??= makeLivePrototype())) as AbortSignal;
}

const looks = new WeakMap<object, () => void>();
/** Made for the first signal: Node.js loads the class only then. */
let livePrototype: object | undefined;

function makeLivePrototype(): object {
  const own = (key: 'aborted' | 'reason', signal: object): unknown =>
    Reflect.get(AbortSignal.prototype, key, signal);
  const poll = (key: 'aborted' | 'reason'): PropertyDescriptor => ({
    configurable: true,
    get(this: AbortSignal) {
      if (own('aborted', this) !== true) looks.get(this)?.();
      return own(key, this);
    },
  });
  return Object.create(AbortSignal.prototype, {
    aborted: poll('aborted'),
    reason: poll('reason'),
    throwIfAborted: {
      configurable: true,
      writable: true,
      value(this: AbortSignal) {
        if (this.aborted) throw this.reason;
      },
    },
  }) as object;
}
