import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerExecutor, type Executor } from 'offloop';

/** The name of the executor that the services of these tests run in. */
export const EXECUTOR = 'faults';

const used: Executor[] = [];

/** Registers the executor that the services run in; {@link endExecutors} shuts it down. */
export function use(executor: Executor): Executor {
  used.push(executor);
  registerExecutor(EXECUTOR, { useValue: executor });
  return executor;
}

export async function endExecutors(): Promise<void> {
  const ended = used.splice(0).map((one) => one.shutdown({ cancelPending: true, drainTimeoutMs: 2_000 }));
  await Promise.all(ended);
}

/** Waits for something that happens in another process or thread, and fails when it never does. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`it never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Holds this thread's loop until a condition holds, and for at least so many milliseconds. */
export function holdLoop(ms: number, condition: () => boolean): void {
  const begin = Date.now();
  while (Date.now() < begin + ms || (!condition() && Date.now() < begin + 30_000)) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  }
}

/** A file that workers write lines to, so that a test knows what really ran. */
export class Log {
  /** Made when it is first needed: workers load this file too. */
  static #folder: string | undefined;
  static #made = 0;
  readonly path = join((Log.#folder ??= mkdtempSync(join(tmpdir(), 'offloop-'))), `log-${Log.#made++}`);

  lines(): string[] {
    try {
      return readFileSync(this.path, 'utf8').split('\n').filter(Boolean);
    } catch {
      return [];
    }
  }

  static removeAll(): void {
    if (Log.#folder) rmSync(Log.#folder, { recursive: true });
  }
}

/** True while a process exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
