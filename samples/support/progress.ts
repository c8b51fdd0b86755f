const WIDTH = 30;

/** A progress bar, while the output is a terminal. */
export function showProgress(label: string, total: number): { step(): void; end(): void } {
  const { stdout } = process;
  if (!stdout.isTTY) return { step: () => undefined, end: () => undefined };
  let done = 0;
  const draw = (): void => {
    const filled = Math.round((done / total) * WIDTH);
    stdout.write(`\r[${'#'.repeat(filled)}${' '.repeat(WIDTH - filled)}] ${done}/${total} ${label}\x1b[K`);
  };
  draw();
  return {
    step: () => {
      done++;
      draw();
    },
    end: () => stdout.write('\r\x1b[K'),
  };
}
