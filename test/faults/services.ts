import { appendFileSync, closeSync, existsSync, writeFileSync, writeSync } from 'node:fs';
import { threadId } from 'node:worker_threads';
import { RunInExecutor } from 'offloop';
import { EXECUTOR } from './support';

const never = (): Promise<never> => new Promise(() => setInterval(() => undefined, 1_000));

/** The pipe that outcomes leave a process by. */
const OUTCOMES = 4;

export const crashes = {
  'process.exit': () => process.exit(3),
  'an exception in the background': () =>
    void setImmediate(() => {
      throw new RangeError('in the background');
    }),
  'a rejection in the background': () => void Promise.reject(new RangeError('in the background')),
  'a rejection that is no error': () => void Promise.reject(null as never),
  SIGKILL: () => void process.kill(process.pid, 'SIGKILL'),
  SIGSEGV: () => void process.kill(process.pid, 'SIGSEGV'),
  'process.abort': () => process.abort(),
  'garbage on the pipe': () => void writeSync(OUTCOMES, 'what a native library prints to any descriptor\n'),
  'a pipe that it closed': () => closeSync(OUTCOMES),
} satisfies Record<string, () => void>;

export type Crash = keyof typeof crashes;

export class Faulty {
  @RunInExecutor(EXECUTOR)
  static async crash(how: Crash): Promise<void> {
    crashes[how]();
    await never();
  }

  /** Ends its worker while a result is on its way that no pipe takes at once. */
  @RunInExecutor(EXECUTOR)
  static async crashWhileAnswering(bytes: number): Promise<Buffer> {
    setImmediate(() => process.kill(process.pid, 'SIGKILL'));
    return Buffer.alloc(bytes);
  }

  @RunInExecutor(EXECUTOR, { retriesOnLoss: 2 })
  static async crashAtFirst(log: string): Promise<string> {
    appendFileSync(log, 'tried\n');
    return process.exit(9);
  }

  @RunInExecutor(EXECUTOR)
  static async echo<T>(value: T): Promise<T> {
    return value;
  }

  @RunInExecutor(EXECUTOR)
  static async place(): Promise<{ pid: number; thread: number }> {
    return { pid: process.pid, thread: threadId };
  }

  /** Notes that it ran, and ends the worker if it is the one to. */
  @RunInExecutor(EXECUTOR)
  static async note(log: string, id: number, crashing: boolean): Promise<number> {
    appendFileSync(log, `${id}\n`);
    if (crashing) process.exit(5);
    return id;
  }

  /** Notes that it has begun, and holds its worker. */
  @RunInExecutor(EXECUTOR)
  static async block(ms: number, log?: string): Promise<number> {
    if (log) appendFileSync(log, 'begun\n');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
    return ms;
  }

  /** Waits in place until another call has come to the same place. */
  @RunInExecutor(EXECUTOR)
  static async meet(place: string, me: string, other: string): Promise<string> {
    writeFileSync(`${place}-${me}`, '');
    while (!existsSync(`${place}-${other}`)) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
    return me;
  }

  @RunInExecutor(EXECUTOR)
  static async spin(log: string): Promise<never> {
    appendFileSync(log, `${process.pid}\n`);
    for (;;);
  }

  @RunInExecutor(EXECUTOR, { timeoutMs: 300 })
  static async spinUntilTimeout(): Promise<never> {
    for (;;);
  }

  /** May end before or after its timeout. */
  @RunInExecutor(EXECUTOR, { timeoutMs: 10, graceMs: 10_000 })
  static async race(id: number, ms: number, _signal: AbortSignal): Promise<number> {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
    return id;
  }

  @RunInExecutor(EXECUTOR, { timeoutMs: 200 })
  static async timed(ms: number): Promise<number> {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
    return ms;
  }

  @RunInExecutor(EXECUTOR, { queueTimeoutMs: 100 })
  static async impatient(): Promise<string> {
    return 'begun';
  }

  @RunInExecutor(EXECUTOR, { concurrency: 2 })
  static async atMostTwo(log: string): Promise<void> {
    appendFileSync(log, '+\n');
    await new Promise((resolve) => setTimeout(resolve, 5));
    appendFileSync(log, '-\n');
  }
}
