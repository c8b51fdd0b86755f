import type { MessagePort } from 'node:worker_threads';
import { NotCloneableError } from '../calls/errors';
import { FrameKind, LOOK, type Frame, type OutcomeFrame, type ReceivedCall } from '../calls/wire/frames';
import type { SharedLane } from '../calls/wire/shared-lane';
import type { Transferable } from '../calls/values/transfer';
import { exit, watchOutput } from './flush-output';
import type { Host } from './host';
import type { HostPort } from './host-port';
import { LaneInbox } from './lane-inbox';
import { Lingerer } from './lingerer';
import { OutcomeSender } from './outcome-sender';
import { Reporter } from './reporter';

/** The way of a thread to its executor and back: the lane for what is small, the port for the rest. */
export class ThreadPort implements HostPort {
  readonly sharedMemory = true;
  readonly #inbox: LaneInbox;
  readonly #reporter: Reporter;
  readonly #lingerer: Lingerer;

  constructor(
    private readonly host: Host,
    private readonly lane: SharedLane,
    private readonly port: MessagePort,
    private readonly onClose: () => void,
  ) {
    this.#inbox = new LaneInbox(
      lane,
      host.frames,
      port,
      (frame) => this.#receive(frame),
      (id) => this.#miss(id),
    );
    this.#reporter = new Reporter(lane, () => port.postMessage(LOOK));
    this.#lingerer = new Lingerer(host, lane, this.#reporter);
    watchOutput(
      () => lane.outputLeaves(),
      () => {
        if (lane.outputHasLeft()) port.postMessage([FrameKind.outputHasLeft]);
      },
    );
    port.on('message', (message: Frame | typeof LOOK) => {
      this.#lingerer.woken();
      if (message !== LOOK) this.#receive(message);
      host.run();
    });
  }

  take(): ReceivedCall | undefined {
    return this.#inbox.take();
  }

  begin(id: number, callable: number, now: number): boolean {
    if (!this.lane.claims.begin(id)) return false;
    this.#reporter.begins(callable, now);
    return true;
  }

  fulfillSmall(id: number, value: unknown, ms: number): boolean {
    if (!this.lane.outcomes.write(id, value, ms)) return false;
    this.#reporter.ended(ms);
    return true;
  }

  sendSmall(frame: OutcomeFrame): boolean {
    if (!this.lane.outcomes.writeFrame(frame)) return false;
    const [, , , , , ms] = frame;
    this.#reporter.ended(ms);
    return true;
  }

  send(frame: Frame, transfer?: readonly Transferable[]): void {
    this.port.postMessage(frame, transfer);
  }

  receiveAbort(id: number): void {
    if (this.lane.isAborted(id)) while (this.#inbox.receivePosted());
  }

  onAway(): void {
    this.#reporter.report();
  }

  onIdle(): void {
    this.#reporter.report();
    this.#lingerer.linger();
  }

  /**
   * The frame of a call is too deep for the stack of this thread. What else it told, of its method and its receiver,
   * calls behind it may build on: they have to run elsewhere, so that the thread answers this one and ends.
   */
  #miss(id: number): never {
    if (this.lane.claims.begin(id)) {
      const what =
        'the worker could not read the call: its arguments, or `this`, are nested too deep for its stack';
      const mend = 'Pass what is less deep, or raise stackSizeMb of resourceLimits.';
      new OutcomeSender(this).fail(id, new NotCloneableError(`${what}. ${mend}`, 'arguments'), 0);
    }
    exit(1);
  }

  #receive(frame: Frame): void {
    if (frame[0] === FrameKind.close) this.onClose();
    else this.host.receive(frame);
  }
}
