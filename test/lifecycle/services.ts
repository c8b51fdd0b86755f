import { threadId } from 'node:worker_threads';
import { RunInExecutor, transfer } from 'offloop';

export const EXECUTOR = 'lifecycle';

let ticks = 0;
let moved = new Uint8Array();

export class Work {
  @RunInExecutor(EXECUTOR)
  static async echo<T>(value: T): Promise<T> {
    return value;
  }

  @RunInExecutor(EXECUTOR)
  static async where(): Promise<string> {
    return `${process.pid}/${threadId}`;
  }

  @RunInExecutor(EXECUTOR)
  static async exit(code: number): Promise<void> {
    process.exit(code);
  }

  @RunInExecutor(EXECUTOR)
  static async kill(): Promise<void> {
    process.kill(process.pid, 'SIGKILL');
    await new Promise(() => undefined);
  }

  @RunInExecutor(EXECUTOR)
  static async crashInBackground(): Promise<void> {
    setImmediate(() => {
      throw new Error('in the background');
    });
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  }

  @RunInExecutor(EXECUTOR)
  static async exhaustMemory(): Promise<number> {
    const hoard: number[][] = [];
    for (;;) hoard.push(new Array<number>(100_000).fill(hoard.length));
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

  /** Ends when it hears of the abort, and says why in its own way. */
  @RunInExecutor(EXECUTOR, { graceMs: 30_000 })
  static untilAborted(signal: AbortSignal): Promise<void> {
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error('heard of it')), { once: true });
    });
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

  @RunInExecutor(EXECUTOR, { queueTimeoutMs: 100 })
  static async impatient(): Promise<string> {
    return 'begun';
  }

  @RunInExecutor(EXECUTOR, { retriesOnLoss: 1 })
  static async exitTwice(): Promise<void> {
    process.exit(7);
  }

  @RunInExecutor(EXECUTOR, { concurrency: 1 })
  static async alone(counter: SharedArrayBuffer): Promise<number> {
    const running = new Int32Array(counter);
    const others = Atomics.add(running, 0, 1);
    Atomics.wait(running, 1, 0, 5);
    Atomics.sub(running, 0, 1);
    return others;
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

  @RunInExecutor(EXECUTOR)
  static async write(text: string, times: number): Promise<void> {
    for (let index = 0; index < times; index++) process.stdout.write(text);
  }
}
