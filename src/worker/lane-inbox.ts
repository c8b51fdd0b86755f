import type { MessagePort } from 'node:worker_threads';
import type { Frame, ReceivedCall } from '../calls/wire/frames';
import { receivePosted } from '../calls/wire/receive-posted';
import type { SharedLane } from '../calls/wire/shared-lane';
import type { FrameInbox } from './frame-inbox';

/** The calls of a thread, in their order: those in the lane, and those in frames that it says come next. */
export class LaneInbox {
  /**
   * @param receive - takes a frame
   * @param onUnreadable - told of a call whose frame this thread cannot read; it is the next to run, and none is after
   */
  constructor(
    private readonly lane: SharedLane,
    private readonly frames: FrameInbox,
    private readonly port: MessagePort,
    private readonly receive: (frame: Frame) => void,
    private readonly onUnreadable: (id: number) => never,
  ) {}

  take(): ReceivedCall | undefined {
    return this.lane.calls.take(this.frames.receivers, this.#takeFramed);
  }

  /** Its frame was posted before the lane told of it. */
  readonly #takeFramed = (id: number): ReceivedCall | undefined => {
    while (this.frames.nextId !== id) if (!this.receivePosted()) this.onUnreadable(id);
    return this.frames.take();
  };

  /** Takes what was posted, without a turn of the loop; false when nothing was. */
  receivePosted(): boolean {
    // An unreadable one is missed in its turn, if it was a call.
    return receivePosted(this.port, this.receive);
  }
}
