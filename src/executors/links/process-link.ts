import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { setImmediate, setTimeout } from '../../calls/clock';
import { Copies } from '../../calls/wire/copies';
import { CallsFrame, frameToBytes, type FrameBytes } from '../../calls/wire/frame-bytes';
import { FrameReader } from '../../calls/wire/frame-reader';
import {
  FrameKind,
  type Frame,
  type Known,
  type SentCall,
  type WorkerSettings,
} from '../../calls/wire/frames';
import { idsToBytes, readIds } from '../../calls/wire/pipes';
import { practiseFrames } from '../../calls/wire/practise-frames';
import { FrameWriter } from './frame-writer';
import type { Link, LinkEvents, RefusedCall } from './link';
import { Lookout } from './lookout';
import type { PoolOptions } from '../pool-options';
import { readPipe } from './read-pipe';
import { encodeReason, receiveFrame } from './receive-frame';
import { sendCalls, type Carrier } from './send-calls';
import { spawnChild } from './spawn-child';

/** How long a child may go on after it has closed a pipe: it hears of no call any more, or none of its outcomes arrives. */
const SPEECHLESS_MS = 1_000;

/** So much more may be sent while the pipe takes no more; what it holds itself is several times that. */
const MOST_WAITING_BYTES = 64 * 1024;

/** What a child says once it is ready. */
const whenReady: ReadonlySet<number> = new Set([
  FrameKind.outcome,
  FrameKind.importing,
  FrameKind.passedOver,
  FrameKind.ended,
]);

/**
 * A child process. Frames travel over pipes of their own, which is faster than the channel of `fork`. The
 * child runs its calls in order and writes each outcome before it begins the next, so that after a loss the
 * first call without an outcome is the one that it was running. A watchdog thread in the child gives back the
 * calls that wait behind a long one, and ends a child whose parent has died.
 */
export class ProcessLink implements Link, Carrier {
  readonly #child: ChildProcess;
  readonly #calls: Socket;
  readonly #outcomes: Socket;
  readonly #watchdog: Socket;
  readonly #writer = new FrameWriter();
  readonly #small = new CallsFrame();
  readonly #copies = new Copies();
  readonly #lookout = new Lookout();
  /** It had no call before the next that is sent. */
  #isFirst = false;
  #isAwaited = false;
  /** The first call of the frame that was sent last; Infinity when it holds none. */
  #lastFrame = 0;
  /** The first call that the child cannot have read. */
  #unreadFrom = Infinity;
  #isReady = false;
  #closing = false;
  #exit: { exitCode: number | null; signal: string | null; cause?: unknown } | undefined;

  constructor(
    options: PoolOptions,
    settings: WorkerSettings,
    private readonly events: LinkEvents,
  ) {
    const child = spawnChild(options);
    this.#child = child.process;
    this.#calls = child.calls;
    this.#outcomes = this.#readOutcomes(child.outcomes);
    this.#watchdog = child.watchdog;
    this.#child.unref();
    this.#watchCalls();
    this.#readTakenBack();
    this.#child.on('error', (cause) => this.#exited(null, null, cause));
    this.#child.on('exit', (exitCode, signal) => this.#exited(exitCode, signal));
    this.#write(frameToBytes([FrameKind.start, settings]));
    // While it starts.
    setImmediate(practiseFrames);
  }

  send(calls: readonly SentCall[]): readonly RefusedCall[] {
    this.#isAwaited = this.#lookout.sends(this.#isFirst && calls.length === 1);
    this.#isFirst = false;
    const refused = sendCalls(calls, this.#writer, this);
    this.#flushSmall();
    return refused;
  }

  sendSmall(calls: readonly SentCall[], begin: number, known: Known): number {
    let end = this.#small.add(calls, begin, known);
    while (end < calls.length && !this.#small.isEmpty) {
      // It was full, or its last call is large.
      this.#flushSmall();
      if (!this.hasRoom) break;
      end = this.#small.add(calls, end, known);
    }
    return end;
  }

  sendFrame(frame: Frame, { id }: SentCall): void {
    this.#flushSmall();
    this.#write(frameToBytes(frame), id);
  }

  /** A pipe has room for all that comes. */
  readonly hasReadAll = true;

  get hasRoom(): boolean {
    return this.#calls.writableLength < MOST_WAITING_BYTES;
  }

  #flushSmall(): void {
    if (this.#small.isEmpty) return;
    const { firstId } = this.#small;
    this.#write(this.#small.take(this.#isAwaited), firstId);
  }

  /** What comes over a pipe is reported as it comes. */
  collect(): void {}

  /** The child's watchdog answers; so does the child when it comes upon them. */
  takeBack(ids: readonly number[]): void {
    if (this.#watchdog.writable) this.#watchdog.write(idsToBytes(ids));
  }

  abort(id: number, reason: unknown): void {
    const { value, patches } = encodeReason(reason, false);
    this.#write(frameToBytes([FrameKind.abort, id, value, patches]));
  }

  close(): void {
    this.#closing = true;
    this.setReferenced(true);
    this.#write(frameToBytes([FrameKind.close]));
  }

  terminate(): void {
    this.#child.kill('SIGKILL');
  }

  setReferenced(referenced: boolean): void {
    this.#isFirst = referenced;
    if (!referenced) this.#lookout.answered();
    const change = referenced ? 'ref' : 'unref';
    this.#outcomes[change]();
    this.#child[change]();
  }

  /** @param firstCall - the first call in the frame */
  #write({ own, parts, areKept }: FrameBytes, firstCall = Infinity): void {
    if (!this.#mayWrite(firstCall)) return;
    if (own.length === 1 && parts.length === 0) {
      this.#calls.write(own[0]);
      return;
    }
    this.#calls.cork();
    for (const bytes of own) this.#calls.write(bytes);
    for (const part of parts) {
      if (areKept) this.#calls.write(part);
      else this.#copies.write(part, (copy, done) => this.#calls.write(copy, done));
    }
    this.#calls.uncork();
  }

  /** Once the pipe is closed, the child cannot read what was to be sent. */
  #mayWrite(firstCall: number): boolean {
    if (this.#calls.writable) this.#lastFrame = firstCall;
    else this.#isUnread(firstCall);
    return this.#calls.writable;
  }

  #isUnread(firstCall: number): void {
    this.#unreadFrom = Math.min(this.#unreadFrom, firstCall);
  }

  #readOutcomes(pipe: Socket): Socket {
    const reader = new FrameReader({
      onFrame: (frame) => this.#receive(frame),
      onOutcome: this.events.onFulfilled,
    });
    let isUnderstood = true;
    const outcomes = readPipe(pipe, {
      room: () => reader.room(),
      push: (chunk) => {
        try {
          if (isUnderstood) reader.push(chunk);
        } catch (cause) {
          // Nothing that it says later can be trusted.
          isUnderstood = false;
          this.#exit ??= { exitCode: null, signal: null, cause };
          this.terminate();
        }
        this.events.onDrained();
      },
    });
    // A broken pipe shows as the child's end, which says more.
    outcomes.on('error', () => undefined);
    outcomes.on('close', () => {
      this.#end();
      this.#endSoon();
    });
    return outcomes.unref();
  }

  #endSoon(): void {
    if (!this.#exit) setTimeout(() => this.terminate(), SPEECHLESS_MS).unref();
  }

  /**
   * The child writes nothing here; but a reset tells that it ended before it had read all. An abort may be all that
   * it had not read, and names no call.
   */
  #watchCalls(): void {
    this.#calls.unref();
    this.#calls.resume();
    this.#calls.on('error', () => this.#isUnread(this.#lastFrame));
    this.#calls.on('close', () => this.#endSoon());
    this.#calls.on('drain', () => this.events.onDrained());
  }

  #readTakenBack(): void {
    this.#watchdog.unref();
    this.#watchdog.on(
      'data',
      readIds((ids) => this.events.onTakenBack(ids)),
    );
    this.#watchdog.on('error', () => undefined);
  }

  #receive(frame: Frame): void {
    const [kind] = frame;
    if (this.#isReady && !whenReady.has(kind)) throw new RangeError('its pipe carried nonsense');
    if (kind === FrameKind.passedOver) this.events.onTakenBack(frame.slice(1) as number[]);
    else if (kind === FrameKind.ready) this.#isReady = true;
    else if (kind === FrameKind.ended) this.#isUnread(0);
    else if (kind === FrameKind.startFailed) this.#closing = true;
    receiveFrame(frame, this.events);
  }

  #exited(exitCode: number | null, signal: string | null, cause?: unknown): void {
    this.#exit ??= { exitCode, signal, cause };
    if (cause !== undefined) this.#outcomes.destroy();
    this.#end();
  }

  /** The child has ended once it has exited and all that it wrote was read. */
  #end(): void {
    if (!this.#exit || !this.#outcomes.closed) return;
    if (this.#closing) {
      this.events.onClosed();
      return;
    }
    // The child runs its calls in order, and writes each outcome before it begins the next.
    const hasBegun = (id: number, isOldest: boolean): boolean => isOldest && id < this.#unreadFrom;
    this.events.onLost({ ...this.#exit, hasBegun });
  }
}
