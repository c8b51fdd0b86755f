/** The work of all contenders: the same functions in each of them. */
export function noop(): void {}

/** Computes for so many microseconds. */
export function work(microseconds: number): number {
  let turns = 0;
  for (const end = performance.now() + microseconds / 1_000; performance.now() < end;) turns++;
  return turns;
}

/** Blocks for so many milliseconds. */
export function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

export function echo(value: unknown): unknown {
  return value;
}

/** The process that it runs in. */
export function place(): number {
  return process.pid;
}

export const tasks = { noop, work, block, echo, place };
export type TaskName = keyof typeof tasks;
