import { writeFileSync } from 'node:fs';
import { threadId } from 'node:worker_threads';
import { RunInExecutor, runInExecutor, transfer } from 'offloop';

export const EXECUTOR = 'lifecycle';

const notes: number[] = [];
let ticks = 0;
let lastReason = '';
let moved = new Uint8Array();

export const echoElsewhere = runInExecutor('other', async (value: unknown) => value);

export class Work {
  @RunInExecutor(EXECUTOR)
  static async echo<T>(value: T): Promise<T> {
    return value;
  }

  /** Its body is synchronous. */
  @RunInExecutor(EXECUTOR)
  static answer(): Promise<number> {
    return 42 as never;
  }

  @RunInExecutor(EXECUTOR)
  static async variable(name: string): Promise<string | undefined> {
    return process.env[name];
  }

  /** Notes that it ran; returns what ran before it. */
  @RunInExecutor(EXECUTOR)
  static async note(id: number, ..._ballast: unknown[]): Promise<number[]> {
    notes.push(id);
    return notes.splice(0, notes.length - 1);
  }

  @RunInExecutor(EXECUTOR)
  static async where(): Promise<string> {
    return `${process.pid}/${threadId}`;
  }

  @RunInExecutor(EXECUTOR, { timeoutMs: 300 })
  static async spin(): Promise<void> {
    for (;;);
  }

  @RunInExecutor(EXECUTOR, { graceMs: 50 })
  static async spinDeaf(_signal: AbortSignal): Promise<void> {
    for (;;);
  }

  /** Spins, and looks at its signal. */
  @RunInExecutor(EXECUTOR, { graceMs: 30_000 })
  static async spinListening(signal: AbortSignal): Promise<void> {
    while (!signal.aborted);
  }

  /** The same, in another way. */
  @RunInExecutor(EXECUTOR, { graceMs: 30_000 })
  static async spinAsking(signal: AbortSignal): Promise<void> {
    for (;;) signal.throwIfAborted();
  }

  @RunInExecutor(EXECUTOR, { graceMs: 30_000 })
  static async spinForReason(signal: AbortSignal): Promise<void> {
    while (signal.reason === undefined);
  }

  /** Makes a file as it begins, ends when it hears of the abort, and says why in its own way. */
  @RunInExecutor(EXECUTOR, { graceMs: 30_000 })
  static untilAborted(signal: AbortSignal, begun: string): Promise<void> {
    writeFileSync(begun, '');
    return new Promise((_, reject) => {
      signal.addEventListener(
        'abort',
        () => {
          lastReason = String(signal.reason);
          reject(new Error('heard of it'));
        },
        { once: true },
      );
    });
  }

  /** Why it was aborted last. */
  @RunInExecutor(EXECUTOR)
  static async lastReason(): Promise<string> {
    return lastReason;
  }

  /** Takes part of what it is handed out of the caller's hands, and gives it back. */
  @RunInExecutor(EXECUTOR, { transfer: (bytes: Uint8Array<ArrayBuffer>) => [bytes.buffer] })
  static async fill(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    return transfer(bytes.fill(7), [bytes.buffer]);
  }

  /** Does it still have what it moved away with its last result? */
  @RunInExecutor(EXECUTOR)
  static async moveAway(): Promise<Uint8Array> {
    moved = new Uint8Array(1024);
    return transfer(moved, [moved.buffer]);
  }

  @RunInExecutor(EXECUTOR)
  static async lengthOfMoved(): Promise<number> {
    return moved.length;
  }

  @RunInExecutor(EXECUTOR)
  static async block(ms: number): Promise<number> {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
    return ms;
  }

  /** Starts a timer that nobody awaits. */
  @RunInExecutor(EXECUTOR)
  static async startTicking(): Promise<void> {
    setInterval(() => ticks++, 1).unref();
  }

  @RunInExecutor(EXECUTOR)
  static async ticks(): Promise<number> {
    return ticks;
  }
}
