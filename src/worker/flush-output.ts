/** Ends this worker, also where a method has put something else in the place of `process.exit`. */
export const exit: (code: number) => never = process.exit.bind(process);

/** Waits until what was written to stdout and stderr has left this worker. */
export async function flushOutput(): Promise<void> {
  const flushed = [process.stdout, process.stderr].map(
    (stream) => new Promise((done) => stream.write('', done)),
  );
  await Promise.all(flushed);
}
