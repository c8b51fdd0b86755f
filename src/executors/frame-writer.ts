import type { Callable } from '../calls/callable';
import { FrameKind, type CallableReference, type Frame } from '../calls/frames';
import type { SentCall } from '../calls/frames';

/** Writes the calls of one link as frames: the worker hears a callable's descriptor once, then its index. */
export class FrameWriter {
  /** The callables that the worker has heard of. */
  readonly known = new Set<number>();

  /** @param onNew - told of the module of a callable before the worker is */
  constructor(private readonly onNew?: (module: string) => void) {}

  callFrame(calls: readonly SentCall[]): Frame {
    const frame: [number, ...unknown[]] = [FrameKind.call];
    for (const { id, callable, envelope } of calls) {
      frame.push(
        id,
        this.#reference(callable),
        envelope.args.value,
        envelope.args.patches,
        envelope.receiver,
      );
    }
    return frame;
  }

  #reference(callable: Callable): CallableReference {
    const { index, descriptor } = callable;
    if (this.known.has(index)) return index;
    this.known.add(index);
    this.onNew?.(descriptor.module);
    return [index, descriptor];
  }

  /** A frame with these calls did not go out: what it would have told is unknown still. */
  forget(calls: readonly SentCall[]): void {
    for (const { callable } of calls) this.known.delete(callable.index);
  }
}
