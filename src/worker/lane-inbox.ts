import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import type { Frame, ReceivedCall } from '../calls/frames';
import type { SharedLane } from '../calls/shared-lane';
import type { FrameInbox } from './frame-inbox';

/** The calls of a thread, in their order: those in the lane, and those in frames that it says come next. */
export class LaneInbox {
  /** How many calls come next in frames. */
  #framed = 0;

  /** @param receive - takes a frame */
  constructor(
    private readonly lane: SharedLane,
    private readonly port: MessagePort,
    private readonly receive: (frame: Frame) => void,
  ) {}

  take(frames: FrameInbox): ReceivedCall | undefined {
    while (this.#framed === 0) {
      const next = this.lane.calls.take(frames.receivers);
      if (typeof next !== 'number') return next;
      this.#framed = next;
    }
    this.#framed--;
    // It was posted before the lane told of it.
    for (;;) {
      const call = frames.take();
      if (call || !this.receivePosted()) return call;
    }
  }

  /** Takes what was posted, without a turn of the loop; false when nothing was. */
  receivePosted(): boolean {
    const entry = receiveMessageOnPort(this.port);
    if (entry) this.receive(entry.message as Frame);
    return entry !== undefined;
  }
}
