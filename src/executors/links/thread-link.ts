import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { clock, setImmediate } from '../../calls/clock';
import {
  FrameKind,
  LOOK,
  type Frame,
  type Known,
  type SentCall,
  type WorkerSettings,
} from '../../calls/wire/frames';
import { postPayload } from '../../calls/values/payload';
import { receivePosted } from '../../calls/wire/receive-posted';
import { SharedLane, State } from '../../calls/wire/shared-lane';
import { isTurnDue } from '../../calls/turn';
import { copyOfError } from '../delivered';
import { FrameWriter } from './frame-writer';
import { holdAddonFor } from './hold-addon';
import type { Link, LinkEvents, RefusedCall } from './link';
import type { PoolOptions } from '../pool-options';
import { encodeReason, receiveFrame } from './receive-frame';
import { sendCalls, type Carrier } from './send-calls';
import { startThread, type Thread } from './start-thread';
import { Wager } from './wager';

/** How long to stay awake for the outcome of a call that is alone: about what waking up costs. */
const AWAKE_MS = 0.1;
/** When a look finds so many outcomes, the next look is worth a turn of the loop; fewer are waited for. */
const MANY = 16;

/** A thread of piscina: calls travel through the memory that it shares with this one, and over a port of its own. */
export class ThreadLink implements Link, Carrier {
  readonly #port: MessagePort;
  readonly #lane = new SharedLane();
  readonly #thread: Thread;
  readonly #writer: FrameWriter;
  #closing = false;
  /** The process is to stay alive for it. */
  #isReferenced = false;
  #cause: unknown;
  #willLook = false;
  /** Calls without an outcome. */
  #inFlight = 0;
  readonly #wager = new Wager();
  /** Until when to stay awake for a call that is alone in flight; 0 when not. */
  #awakeUntil = 0;

  constructor(
    options: PoolOptions,
    settings: WorkerSettings,
    private readonly events: LinkEvents,
  ) {
    const { setup, loader } = settings;
    this.#writer = new FrameWriter((module) => holdAddonFor(module, loader));
    if (setup !== undefined) holdAddonFor(setup, loader);
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#port.on('message', (message: Frame | typeof LOOK) => {
      if (message !== LOOK) this.#receive(message);
      // Node.js hands out up to 1,000 messages of a port in one turn of the loop, those that come meanwhile too.
      if (isTurnDue()) this.#lookAgain();
      else {
        this.#collect();
        this.events.onWoken();
      }
    });
    this.#port.on('messageerror', (cause) => {
      this.#receiveUnreadable(cause);
      this.#collect();
    });
    // The thread has ended, and there may be nothing else that waits for the event of it.
    this.#port.on('close', () => this.#thread.worker.ref());
    this.#port.unref();
    this.#lane.executorFallsAsleep();
    this.#thread = startThread(options, { port: port2, memory: this.#lane.memory, settings });
    // Node.js has made it, of its own classes.
    this.#thread.worker.on('error', (cause) => (this.#cause = copyOfError(cause)));
    this.#thread.worker.on('exit', (exitCode) => this.#end(exitCode));
  }

  send(calls: readonly SentCall[]): readonly RefusedCall[] {
    const refused = sendCalls(calls, this.#writer, this);
    this.#inFlight += calls.length - refused.length;
    const state = this.#lane.wakeThread();
    if (state === State.asleep) this.#port.postMessage(LOOK);
    // A thread that is awake may have answered before this one had fallen asleep.
    else if (this.#inFlight <= 1 && this.#wager.isOn()) this.#stayAwake();
    return refused;
  }

  #stayAwake(): void {
    this.#awakeUntil = clock.now() + AWAKE_MS;
    this.#lane.executorWakes();
    this.#lookAgain();
  }

  sendSmall(calls: readonly SentCall[], begin: number, known: Known): number {
    return this.#lane.calls.write(calls, begin, known);
  }

  sendFrame(frame: Frame, { id, envelope }: SentCall): void {
    // The frame holds the value of the arguments.
    postPayload(envelope.args, (_args, transfer) => this.#port.postMessage(frame, transfer));
    this.#lane.calls.writeFramed(id);
  }

  /** What is sent is there at once. */
  readonly hasRoom = true;

  get hasReadAll(): boolean {
    return this.#lane.calls.areRead;
  }

  takeBack(ids: readonly number[]): void {
    const taken = ids.filter((id) => this.#lane.claims.takeBack(id));
    this.#inFlight -= taken.length;
    if (taken.length > 0) this.events.onTakenBack(taken);
  }

  abort(id: number, reason: unknown): void {
    const { value, patches } = encodeReason(reason, true);
    this.#postAwake([FrameKind.abort, id, value, patches]);
    this.#lane.abort(id);
  }

  close(): void {
    this.#closing = true;
    this.setReferenced(true);
    this.#postAwake([FrameKind.close]);
  }

  /** Wakes the thread first: were it to take the frame before, and fall asleep, it would count as awake. */
  #postAwake(frame: Frame): void {
    this.#lane.wakeThread();
    this.#port.postMessage(frame);
  }

  terminate(): void {
    this.#thread.terminate();
  }

  /** What a call wrote is to come out, although it has ended, and this process may have nothing else to do. */
  setReferenced(referenced: boolean): void {
    this.#isReferenced = referenced;
    if (referenced) this.#port.ref();
    else if (!this.#lane.awaitOutput()) this.#port.unref();
  }

  readonly #receive = (frame: Frame): void => {
    if (frame[0] === FrameKind.outcome) this.#inFlight--;
    else if (frame[0] === FrameKind.startFailed) this.#closing = true;
    else if (frame[0] === FrameKind.outputHasLeft) this.setReferenced(this.#isReferenced);
    receiveFrame(frame, this.events);
  };

  /** Takes the outcomes that the lane holds; returns how many. */
  #takeOutcomes(): number {
    return this.#lane.outcomes.takeAll(this.events.onFulfilled, this.#takeFrame);
  }

  readonly #takeFrame = (frame: Frame): void => receiveFrame(frame, this.events);

  /** An outcome that is too deep for this thread's stack. Calls end in their order: those before it are in the lane. */
  readonly #receiveUnreadable = (cause: unknown): void => {
    this.#inFlight -= this.#takeOutcomes() + 1;
    this.events.onUnreadable(cause);
  };

  collect(): void {
    if (!this.#lane.outcomes.isEmpty) this.#collect();
  }

  /**
   * Takes the outcomes that the lane holds. When they are many, it looks again in the next turn of the loop;
   * else it falls asleep, and the thread wakes it.
   */
  #collect(): void {
    this.#willLook = false;
    this.#lane.executorWakes();
    const count = this.#takeOutcomes();
    this.#inFlight -= count;
    this.events.onDrained();
    if (count >= MANY || !this.#lane.executorFallsAsleep()) this.#lookAgain();
  }

  #lookAgain(): void {
    if (this.#willLook) return;
    this.#willLook = true;
    setImmediate(this.#look);
  }

  readonly #look = (): void => {
    if (this.#awakeUntil > 0 && this.#inFlight === 1 && this.#lane.outcomes.isEmpty) {
      if (clock.now() < this.#awakeUntil) {
        setImmediate(this.#look);
        return;
      }
      this.#wager.lost();
    } else if (this.#awakeUntil > 0) this.#wager.won();
    this.#awakeUntil = 0;
    this.#collect();
  };

  /** The thread has ended; what it still sent is taken first. */
  #end(exitCode: number): void {
    while (receivePosted(this.#port, this.#receive, this.#receiveUnreadable));
    this.#takeOutcomes();
    this.events.onDrained();
    this.#port.close();
    if (this.#closing) {
      this.events.onClosed();
      return;
    }
    const hasBegun = (id: number): boolean => this.#lane.claims.hasBegun(id);
    this.events.onLost({ exitCode, signal: null, cause: this.#cause, hasBegun });
  }
}
