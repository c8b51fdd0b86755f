// From the module, not the globals: fake timers of a test must not stop calls.
import { setImmediate } from 'node:timers';
import {
  MessageChannel,
  receiveMessageOnPort,
  type MessagePort,
  type TransferListItem,
} from 'node:worker_threads';
import type { Piscina } from 'piscina';
import { clock } from '../calls/clock';
import {
  FrameKind,
  OutcomeStatus,
  type Frame,
  type ThreadSession,
  type WorkerSettings,
} from '../calls/frames';
import { SharedLane } from '../calls/shared-lane';
import { Wager } from '../calls/wager';
import { FrameWriter } from './frame-writer';
import { holdAddonFor } from './hold-addon';
import type { Link, LinkEvents, SentCall } from './link';
import { encodeReason, receiveFrame } from './receive-frame';
import { sendEach } from './send-each';

/** How long to stay awake for the outcome of a call that is alone: about what waking up may cost. */
const AWAKE_MS = 0.1;

/**
 * A thread of piscina, for as long as it has calls: one piscina task, the session, lasts until the link is
 * closed, and calls travel over its port meanwhile. Piscina starts, limits and replaces the threads.
 */
export class ThreadLink implements Link {
  readonly #port: MessagePort;
  readonly #lane = new SharedLane();
  readonly #stop = new AbortController();
  readonly #wager = new Wager();
  /** Until when to stay awake for a call that is alone in flight; 0 when not. */
  #awakeUntil = 0;
  readonly #writer: FrameWriter;
  #closing = false;
  #cause: unknown;
  /** Calls without an outcome. */
  #inFlight = 0;
  /** Outcomes since the last look into the lane. */
  #taken = 0;
  #looking = false;

  constructor(
    piscina: Piscina,
    settings: WorkerSettings,
    private readonly events: LinkEvents,
  ) {
    const { setup, loader } = settings;
    this.#writer = new FrameWriter((module) => holdAddonFor(module, loader));
    if (setup !== undefined) holdAddonFor(setup, loader);
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#port.on('message', (frame: Frame) => this.#receive(frame));
    this.#port.unref();
    const session: ThreadSession = { port: port2, memory: this.#lane.memory, settings };
    piscina.run(session, { transferList: [port2], signal: this.#stop.signal }).then(
      () => this.#end(),
      (error: unknown) => this.#end(error),
    );
  }

  send(calls: readonly SentCall[]): { call: SentCall; error: unknown }[] {
    this.#inFlight += calls.length;
    if (this.#inFlight === 1) this.#awaitAlone();
    return sendEach(calls, (batch) => {
      const frame = this.#writer.callFrame(batch);
      try {
        this.#port.postMessage(frame, transferLists(batch));
      } catch (error) {
        this.#writer.forget(batch);
        throw error;
      }
    });
  }

  /** When the thread is awake, so is its executor: to be woken up would take longer than a short call. */
  #awaitAlone(): void {
    if (!this.#lane.isLingering() || !this.#wager.isOn()) return;
    this.#awakeUntil = clock.now() + AWAKE_MS;
    this.#lane.stayAwake();
    this.#lookAgain();
  }

  takeBack(ids: readonly number[]): void {
    const taken = ids.filter((id) => this.#lane.claims.takeBack(id));
    this.#inFlight -= taken.length;
    if (taken.length > 0) this.events.onTakenBack(taken);
  }

  abort(id: number, reason: unknown): void {
    const { value, patches } = encodeReason(reason, true);
    this.#port.postMessage([FrameKind.abort, id, value, patches]);
    this.#lane.abort(id);
  }

  close(retire: boolean): void {
    this.#closing = true;
    this.#port.postMessage([FrameKind.close, retire]);
  }

  /** @param cause - why there is no thread to terminate, but only a session that waits for one */
  terminate(cause?: unknown): void {
    this.#cause = cause;
    this.#stop.abort();
  }

  setReferenced(referenced: boolean): void {
    if (referenced) this.#port.ref();
    else this.#port.unref();
  }

  #receive(frame: Frame): void {
    if (frame[0] === FrameKind.outcome) {
      this.#inFlight--;
      this.#taken++;
    } else if (frame[0] === FrameKind.startFailed) this.#closing = true;
    receiveFrame(frame, this.events);
    this.#lookIntoLane();
  }

  /**
   * Takes what the lane holds. While several calls are in flight it looks again in the next turn of the loop,
   * and the thread need not wake it for each outcome; else it falls asleep until a message comes.
   */
  #lookIntoLane(): void {
    this.#looking = false;
    this.#lane.drain(this.#take);
    const progressed = this.#taken > 0;
    this.#taken = 0;
    this.events.onDrained();
    if (this.#mayExpectMore(progressed) || !this.#lane.fallAsleep()) this.#lookAgain();
  }

  #mayExpectMore(progressed: boolean): boolean {
    if (this.#inFlight > 1) return progressed;
    if (this.#awakeUntil === 0) return false;
    if (this.#inFlight === 1 && clock.now() < this.#awakeUntil) return true;
    this.#awakeUntil = 0;
    if (this.#inFlight === 0) this.#wager.won();
    else this.#wager.lost();
    return false;
  }

  #lookAgain(): void {
    if (this.#looking) return;
    this.#looking = true;
    setImmediate(() => this.#lookIntoLane());
  }

  readonly #take = (id: number, value: unknown): void => {
    this.#inFlight--;
    this.#taken++;
    this.events.onOutcome({ id, status: OutcomeStatus.fulfilled, value, patches: undefined });
  };

  /** The session is over; what the thread still sent is taken first. */
  #end(error?: unknown): void {
    for (let entry = receiveMessageOnPort(this.#port); entry; entry = receiveMessageOnPort(this.#port)) {
      this.#receive(entry.message as Frame);
    }
    this.#lane.drain(this.#take);
    this.#port.close();
    if (this.#closing) this.events.onClosed();
    else this.events.onLost(this.#describe(error));
  }

  #describe(error: unknown): Parameters<LinkEvents['onLost']>[0] {
    const exitCode = /exited with code: (-?\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    return {
      exitCode: exitCode === undefined ? 1 : Number(exitCode),
      signal: null,
      cause: this.#cause ?? (exitCode === undefined ? error : undefined),
      hasBegun: (id) => this.#lane.claims.hasBegun(id),
    };
  }
}

function transferLists(calls: readonly SentCall[]): TransferListItem[] | undefined {
  let list: TransferListItem[] | undefined;
  for (const { envelope } of calls) {
    if (envelope.args.transfer) list = [...(list ?? []), ...envelope.args.transfer];
  }
  return list;
}
