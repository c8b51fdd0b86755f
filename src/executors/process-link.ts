import { fork, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { FrameReader, frameToBytes, PIPE_FD } from '../calls/frame-stream';
import { FrameKind, type Frame, type WorkerSettings } from '../calls/frames';
import { FrameWriter } from './frame-writer';
import type { Link, LinkEvents, SentCall } from './link';
import type { PoolOptions } from './pool-options';
import { encodeReason, receiveFrame } from './receive-frame';
import { sendEach } from './send-each';
import { inheritedExecArgv, workerFile } from './worker-settings';

/**
 * A child process. Frames travel over a pipe of their own, which is faster than the channel of `fork`. The
 * child runs its calls in order and writes each outcome before it begins the next, so that after a loss the
 * first call without an outcome is the one that it was running.
 */
export class ProcessLink implements Link {
  readonly #child: ChildProcess;
  readonly #pipe: Socket;
  readonly #writer = new FrameWriter();
  #lastEnded = 0;
  #closing = false;
  #exit: { exitCode: number | null; signal: string | null; cause?: unknown } | undefined;

  constructor(
    options: PoolOptions,
    settings: WorkerSettings,
    private readonly events: LinkEvents,
  ) {
    // The environment is named although it is the default: a test runner gives its tests one of their own.
    const { env = process.env, execArgv, resourceLimits } = options;
    const limit = resourceLimits?.maxOldGenerationSizeMb;
    const child = fork(workerFile('process-entry.js'), [], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe'],
      execArgv: [...(execArgv ?? inheritedExecArgv()), ...(limit ? [`--max-old-space-size=${limit}`] : [])],
      env,
    });
    this.#child = child;
    this.#pipe = child.stdio[PIPE_FD] as Socket;
    child.unref();
    child.channel?.unref();
    const reader = new FrameReader((frame) => this.#receive(frame));
    this.#pipe.on('data', (chunk: Buffer) => this.#read(reader, chunk));
    // A broken pipe shows as the child's end, which says more.
    this.#pipe.on('error', () => undefined);
    this.#pipe.on('close', () => this.#end());
    child.on('error', (cause) => this.#exited(null, null, cause));
    child.on('exit', (exitCode, signal) => this.#exited(exitCode, signal));
    this.#write([FrameKind.start, settings]);
  }

  send(calls: readonly SentCall[]): { call: SentCall; error: unknown }[] {
    return sendEach(calls, (batch) => {
      const frame = this.#writer.callFrame(batch);
      try {
        this.#write(frame);
      } catch (error) {
        this.#writer.forget(batch);
        throw error;
      }
    });
  }

  /** A process shares no memory: what was sent is its own. */
  takeBack(): boolean {
    return false;
  }

  abort(id: number, reason: unknown): void {
    const { value, patches } = encodeReason(reason, false);
    this.#write([FrameKind.abort, id, value, patches]);
  }

  close(): void {
    this.#closing = true;
    this.setReferenced(true);
    this.#write([FrameKind.close]);
  }

  terminate(): void {
    this.#child.kill('SIGKILL');
  }

  setReferenced(referenced: boolean): void {
    if (referenced) {
      this.#pipe.ref();
      this.#child.ref();
    } else {
      this.#pipe.unref();
      this.#child.unref();
    }
  }

  #write(frame: Frame): void {
    const parts = frameToBytes(frame);
    if (!this.#pipe.writable) return;
    if (parts.length > 1) this.#pipe.cork();
    for (const part of parts) this.#pipe.write(part);
    if (parts.length > 1) this.#pipe.uncork();
  }

  #read(reader: FrameReader, chunk: Buffer): void {
    try {
      reader.push(chunk);
    } catch (cause) {
      // What it says is not understood: nothing that it says later can be trusted.
      this.#exit ??= { exitCode: null, signal: null, cause };
      this.terminate();
    }
    this.events.onDrained();
  }

  #receive(frame: Frame): void {
    if (frame[0] === FrameKind.outcome) this.#lastEnded = frame[1] as number;
    else if (frame[0] === FrameKind.startFailed) this.#closing = true;
    receiveFrame(frame, this.events);
  }

  #exited(exitCode: number | null, signal: string | null, cause?: unknown): void {
    this.#exit ??= { exitCode, signal, cause };
    if (cause !== undefined) this.#pipe.destroy();
    this.#end();
  }

  /** The child has ended once it has exited and all that it wrote was read. */
  #end(): void {
    if (!this.#exit || !this.#pipe.closed) return;
    if (this.#closing) this.events.onClosed();
    else this.events.onLost({ ...this.#exit, hasBegun: (id) => id === this.#lastEnded + 1 });
  }
}
