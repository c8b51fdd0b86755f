import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import { now } from '../calls/clock';
import type { Call, Envelope } from '../calls/call';
import { decodeError } from '../calls/values/decode-error';
import { CallTimeoutError } from '../calls/errors';
import { FrameKind, OutcomeStatus, type Frame, type WorkerSettings } from '../calls/wire/frames';
import { workerMark } from '../calls/host-state';
import { decodePayload, type Patch } from '../calls/values/payload';
import { adopt, isForeign } from '../calls/values/realm';
import { OutcomeRecords } from '../calls/wire/outcome-records';
import { CRASHED, OUTPUT, PING, SYNC_WORDS, SyncWord, type SyncSession } from '../calls/wire/sync-session';
import { callRefusal } from '../calls/refusals';
import { FrameWriter } from '../executors/links/frame-writer';
import { lostError, startError, startLoss, whileImporting } from '../executors/pool-errors';
import { workerFile } from '../executors/links/worker-settings';

/** How often a thread that waits looks whether its worker still lives, in milliseconds. */
const LOOK_MS = 50;
/** How long a thread may take to begin, before its setup: the system may have had no room for it, and nobody is told in place. */
const BEGIN_MS = 30_000;
/** How often to look for an answer before falling asleep: an answer that comes at once need not wake anybody. */
const SPINS = 100;
/** Ids begin anew behind it: a record has no room for larger ones. */
const LARGEST_ID = 0x3fff_ffff;

/** How a call has ended, not yet decoded. */
interface Outcome {
  readonly status: number;
  readonly value: unknown;
  readonly patches: readonly Patch[] | undefined;
}

let workers = 0;

/** One worker with a loop of its own, as the thread that waits for it sees it. */
export class SyncWorker {
  /** It has ended, or has been told to: it takes no more calls. */
  isOver = false;
  readonly #id = ++workers;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #memory = new SharedArrayBuffer(OutcomeRecords.bytes);
  readonly #outcomes = new OutcomeRecords(this.#memory, 0);
  readonly #words = new Int32Array(new SharedArrayBuffer(SYNC_WORDS * 4));
  readonly #writer = new FrameWriter();
  #lastCall = 0;
  #outcome: Outcome | undefined;
  /** How often the worker had sent something when it was looked at last. */
  #seen = 0;
  readonly #created = now();
  #isReady = false;
  #startFailure: { cause: unknown } | undefined;
  #crash: unknown;
  #isImporting = false;

  constructor(settings: WorkerSettings) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const session: SyncSession = { port: port2, outcomes: this.#memory, words: this.#words, settings };
    this.#worker = new Worker(workerFile('sync-entry.js'), {
      workerData: { ...session, [workerMark]: true },
      transferList: [port2],
      // Named although it is the default: a test runner gives its tests an environment of their own.
      env: process.env,
    });
    this.#worker.unref();
    // Who waits notices by other means; without a listener it would end this thread.
    this.#worker.on('error', () => undefined);
    this.#worker.on('exit', () => (this.isOver = true));
    // What the worker writes between two calls.
    this.#port.on('message', (frame: Frame) => this.#receive(frame)).unref();
  }

  /**
   * Sends a call.
   *
   * @returns false when the worker has ended meanwhile
   * @throws {@link NotCloneableError} when structured clone refuses a value
   */
  send(call: Call, envelope: Envelope): boolean {
    if (Atomics.load(this.#words, SyncWord.exit) !== 0) this.isOver = true;
    // One that ran out of memory could not say so, and what is transferred can be sent only once.
    else if (envelope.args.transfer && !this.#post([PING])) this.isOver = true;
    if (this.isOver) return false;
    const id = (this.#lastCall = (this.#lastCall + 1) & LARGEST_ID);
    const sent = { id, callable: call.callable, envelope };
    this.#outcome = undefined;
    try {
      if (this.#post(this.#writer.callFrame(sent), envelope)) return true;
    } catch (cause) {
      this.#writer.forget(sent);
      throw callRefusal(sent, cause);
    }
    this.isOver = true;
    return false;
  }

  /**
   * Waits in place for the outcome of the call that was sent last.
   *
   * @throws what the method threw; {@link CallTimeoutError} after which the worker is over;
   *   {@link WorkerLostError} and {@link WorkerStartError} when it has ended
   */
  receive(call: Call, timeoutMs: number): unknown {
    const deadline = now() + timeoutMs;
    for (;;) {
      const seen = this.#spin();
      // In this order: what it sent before its end is found.
      const hasEnded = Atomics.load(this.#words, SyncWord.exit) !== 0;
      this.#take();
      if (this.#outcome) return this.#settle(this.#outcome);
      if (hasEnded) return this.#failLost(call);
      const left = deadline - now();
      if (left <= 0) return this.#failTimedOut(call, timeoutMs);
      if (Atomics.wait(this.#words, SyncWord.sent, seen, Math.min(left, LOOK_MS)) !== 'timed-out') continue;
      if (this.#seen === 0 && now() - this.#created > BEGIN_MS) this.#failToBegin(call);
      if (this.#post([PING])) continue;
      // It has ended; what it sent before is taken first.
      this.#take();
      return this.#outcome ? this.#settle(this.#outcome) : this.#failLost(call);
    }
  }

  /** Takes what has come over the port, and prints what the worker has written. */
  takeFrames(): void {
    for (let entry = receiveMessageOnPort(this.#port); entry; entry = receiveMessageOnPort(this.#port)) {
      this.#receive(entry.message as Frame);
    }
  }

  /** Posts a frame; false when nobody can receive it any more, which the engine tells although the types do not. */
  #post(frame: Frame, envelope?: Envelope): boolean {
    return (this.#port.postMessage(frame, envelope?.args.transfer) as unknown) === true;
  }

  /** Looks for news for a short while; returns the count to wait for a change of. */
  #spin(): number {
    for (let look = 0; look < SPINS; look++) {
      const sent = Atomics.load(this.#words, SyncWord.sent);
      if (sent !== this.#seen) return (this.#seen = sent);
    }
    return this.#seen;
  }

  #take(): void {
    this.#outcomes.takeAll(
      (of, value) => {
        if (of === this.#lastCall)
          this.#outcome = { status: OutcomeStatus.fulfilled, value, patches: undefined };
      },
      (frame) => this.#receive(frame),
    );
    if (!this.#outcome) this.takeFrames();
  }

  #receive(frame: Frame): void {
    if (isForeign(frame as unknown as unknown[])) adopt(frame);
    switch (frame[0]) {
      case OUTPUT: {
        const [, stream, chunk, encoding] = frame as [number, 'stdout' | 'stderr', string, BufferEncoding];
        process[stream].write(chunk, encoding);
        break;
      }
      case FrameKind.outcome: {
        const [, of, status, value, patches] = frame as [number, number, number, unknown, readonly Patch[]];
        if (of === this.#lastCall) this.#outcome = { status, value, patches };
        break;
      }
      case FrameKind.ready:
        this.#isReady = true;
        break;
      case FrameKind.importing:
        this.#isImporting = frame[2] as boolean;
        break;
      case FrameKind.startFailed:
        this.#startFailure = { cause: decodeError(frame[1], frame[2] as readonly Patch[]) };
        break;
      case CRASHED:
        this.#crash = decodeError(frame[1], frame[2] as readonly Patch[]);
    }
  }

  #settle({ status, value, patches }: Outcome): unknown {
    if (status === OutcomeStatus.fulfilled) return decodePayload(value, patches);
    throw decodeError(value, patches);
  }

  #failLost(call: Call): never {
    this.isOver = true;
    if (this.#startFailure) throw startError('asyncToSync', call.name, this.#startFailure.cause);
    const exit = Atomics.load(this.#words, SyncWord.exit);
    const loss = {
      exitCode: exit === 0 ? 1 : exit - 1,
      signal: null,
      cause: this.#crash,
      hasBegun: () => true,
    };
    if (!this.#isReady) throw startError('asyncToSync', call.name, startLoss(loss));
    const { module } = call.callable.descriptor;
    throw lostError(call.name, this.#id, loss, this.#isImporting ? whileImporting(module) : undefined);
  }

  /** The worker goes with all that it may still say: a late answer has nowhere to arrive. */
  #failTimedOut(call: Call, timeoutMs: number): never {
    this.end();
    throw new CallTimeoutError(`${call.name} ran for longer than its timeoutMs of ${timeoutMs} ms.`);
  }

  #failToBegin(call: Call): never {
    this.end();
    const cause = new Error(
      `its thread has not begun within ${BEGIN_MS} ms. Too many files may be open (EMFILE), or threads run.`,
    );
    throw startError('asyncToSync', call.name, cause);
  }

  /** Ends it; whoever calls next takes another. */
  end(): void {
    this.isOver = true;
    this.#port.close();
    void this.#worker.terminate();
  }
}
