import type { Writable } from 'node:stream';

/** Ends this worker, also where a method has put something else in the place of `process.exit`. */
export const exit: (code: number) => never = process.exit.bind(process);

/** Waits until what was written to stdout and stderr has left this worker. */
export async function flushOutput(): Promise<void> {
  const flushed = [process.stdout, process.stderr].map(
    (stream) => new Promise((done) => stream.write('', done)),
  );
  await Promise.all(flushed);
}

/**
 * Tells when this thread begins to write to stdout or stderr, and when all of it has left. The streams of a thread need
 * turns of the loop of the thread that started it, for all that is written beyond the first time.
 */
export function watchOutput(onLeaving: () => void, onLeft: () => void): void {
  let leaving = 0;
  for (const stream of [process.stdout, process.stderr] as Writable[]) {
    const writev = stream._writev?.bind(stream);
    if (!writev) continue;
    stream._writev = (chunks, done) => {
      if (leaving++ === 0) onLeaving();
      writev(chunks, (error) => {
        // What was written meanwhile begins to leave.
        done(error);
        if (--leaving === 0) onLeft();
      });
    };
  }
}
