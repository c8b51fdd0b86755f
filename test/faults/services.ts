import { appendFileSync, closeSync, existsSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { threadId } from 'node:worker_threads';
import { RunInExecutor, transfer } from 'offloop';
import { EXECUTOR } from './support';

const given = new Uint8Array(1024);

const never = (): Promise<never> => new Promise(() => setInterval(() => undefined, 1_000));

/** The pipes that calls come into a process by, and outcomes leave it. */
const CALLS = 3;
const OUTCOMES = 4;

export const crashes = {
  'process.exit': () => process.exit(3),
  'an exception in the background': () =>
    void setImmediate(() => {
      throw new RangeError('in the background', { cause: new TypeError('and why') });
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

  /** Closes the pipe that calls come by, as what closes a descriptor twice may do, and answers. */
  @RunInExecutor(EXECUTOR)
  static async closeCalls(): Promise<void> {
    closeSync(CALLS);
  }

  /** Notes that it ran; then ends the worker, or answers so many bytes. */
  @RunInExecutor(EXECUTOR)
  static async answerOrCrash(log: string, bytes: number, crashing = false): Promise<Buffer> {
    if (log) appendFileSync(log, `${crashing ? 'crashing' : bytes}\n`);
    if (crashing) process.exit(5);
    return Buffer.alloc(bytes);
  }

  /** Once it has answered, holds its worker, and then ends it. */
  @RunInExecutor(EXECUTOR)
  static async crashAfter(ms: number, log: string): Promise<void> {
    setTimeout(() => {
      appendFileSync(log, 'ending\n');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
      throw new RangeError('in the background');
    }, 1);
  }

  /** Once it has answered, holds its worker for ever. */
  @RunInExecutor(EXECUTOR)
  static async spinAfter(ms: number, log: string): Promise<void> {
    setTimeout(() => {
      appendFileSync(log, 'spinning\n');
      for (;;);
    }, ms);
  }

  /** As a program does that wants to go on, and a test that wants to know the code. */
  @RunInExecutor(EXECUTOR)
  static async replaceExit(): Promise<void> {
    process.exit = (() => undefined) as unknown as typeof process.exit;
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
  static async lengthOf(value: ArrayLike<unknown>): Promise<number> {
    return value.length;
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
  static async timed(ms: number, log?: string): Promise<number> {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
    if (log) appendFileSync(log, 'ended\n');
    return ms;
  }

  /** Holds its worker after it has answered, in a turn of its loop. */
  @RunInExecutor(EXECUTOR)
  static async blockLater(ms: number): Promise<void> {
    setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms), 1);
  }

  @RunInExecutor(EXECUTOR)
  static async noteUnlessAborted(log: string, id: number, _signal: AbortSignal): Promise<void> {
    appendFileSync(log, `${id}\n`);
  }

  /** Notes that it runs, and that it has heard of the abort. */
  @RunInExecutor(EXECUTOR, { graceMs: 30_000 })
  static untilAborted(log: string, signal: AbortSignal): Promise<void> {
    appendFileSync(log, 'begun\n');
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        appendFileSync(log, 'heard\n');
        resolve();
      });
    });
  }

  /** With a signal, goes on until it aborts. */
  @RunInExecutor(EXECUTOR, { graceMs: 100 })
  static async stopInGrace(log?: string, signal?: AbortSignal): Promise<void> {
    if (!log || !signal) return;
    appendFileSync(log, 'begun\n');
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
  }

  @RunInExecutor(EXECUTOR, { graceMs: 20 })
  static async spinWith(_signal: AbortSignal): Promise<never> {
    for (;;);
  }

  @RunInExecutor(EXECUTOR, { concurrency: 1 })
  static async oneAtATime<T>(value: T, ms: number, _signal?: AbortSignal): Promise<T> {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return value;
  }

  @RunInExecutor(EXECUTOR, { transfer: (bytes: Uint8Array<ArrayBuffer>) => [bytes.buffer] })
  static async takeAway(bytes: Uint8Array<ArrayBuffer>, ms = 0): Promise<number> {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
    return bytes.length;
  }

  @RunInExecutor(EXECUTOR, {
    retriesOnLoss: 1,
    transfer: (bytes: Uint8Array<ArrayBuffer>) => [bytes.buffer],
  })
  static async takeAwayAndCrash(_bytes: Uint8Array<ArrayBuffer>): Promise<never> {
    return process.exit(4);
  }

  /** Moves the same memory away with each result. */
  @RunInExecutor(EXECUTOR)
  static async giveAway(): Promise<Uint8Array> {
    return transfer(given, [given.buffer]);
  }

  @RunInExecutor(EXECUTOR, { retriesOnLoss: 3 })
  static async spinAgain(log: string): Promise<never> {
    appendFileSync(log, 'begun\n');
    for (;;);
  }

  /** Crashes at first; then runs for no longer than its timeout. */
  @RunInExecutor(EXECUTOR, { retriesOnLoss: 1, timeoutMs: 2_000 })
  static async crashLate(log: string): Promise<string> {
    appendFileSync(log, 'tried\n');
    const isFirst = readFileSync(log, 'utf8') === 'tried\n';
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, isFirst ? 1_200 : 1_000);
    if (!isFirst) return 'ended';
    return process.exit(9);
  }

  @RunInExecutor(EXECUTOR, { queueTimeoutMs: 100 })
  static async impatient(): Promise<string> {
    return 'begun';
  }

  @RunInExecutor(EXECUTOR, { queueTimeoutMs: 1_000 })
  static async begun(ms: number): Promise<string> {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
    return 'begun';
  }

  @RunInExecutor(EXECUTOR, { concurrency: 2 })
  static async atMostTwo(log: string): Promise<void> {
    appendFileSync(log, '+\n');
    await new Promise((resolve) => setTimeout(resolve, 5));
    appendFileSync(log, '-\n');
  }
}
