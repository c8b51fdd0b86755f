import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import type { Frame, ReceivedCall } from '../calls/frames';
import type { SharedLane } from '../calls/shared-lane';
import type { FrameInbox } from './frame-inbox';

/** The calls of a thread, in their order: those in the lane, and those in frames that it says come next. */
export class LaneInbox {
  /** @param receive - takes a frame */
  constructor(
    private readonly lane: SharedLane,
    private readonly frames: FrameInbox,
    private readonly port: MessagePort,
    private readonly receive: (frame: Frame) => void,
  ) {}

  take(): ReceivedCall | undefined {
    return this.lane.calls.take(this.frames.receivers, this.#takeFramed);
  }

  /** It was posted before the lane told of it. */
  readonly #takeFramed = (): ReceivedCall | undefined => {
    for (;;) {
      const call = this.frames.take();
      if (call || !this.receivePosted()) return call;
    }
  };

  /** Takes what was posted, without a turn of the loop; false when nothing was. */
  receivePosted(): boolean {
    const entry = receiveMessageOnPort(this.port);
    if (entry) this.receive(entry.message as Frame);
    return entry !== undefined;
  }
}
