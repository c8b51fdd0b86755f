import { showProgress } from './progress';
import { Ticker } from './ticker';

/** One row of the table that `npm start` prints. */
export interface Row {
  readonly work: string;
  readonly mode: string;
  readonly largestGapMs: number;
  readonly callMs: number;
  readonly perSecond: number;
  /** The time between each two ticks of the ticker, in milliseconds. */
  readonly gaps: readonly number[];
}

/** Lets the loop turn until timers have run. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 3 * Ticker.periodMs));

/**
 * Makes `calls` calls at once and measures them beside a ticker.
 *
 * @param call - makes the call with this number, after one that is not measured has started the workers
 */
export async function measure(
  work: string,
  mode: string,
  calls: number,
  call: (index: number) => Promise<unknown> | unknown,
  warmUp: () => Promise<unknown> | undefined,
): Promise<Row> {
  await warmUp();
  const progress = showProgress(`${work}, ${mode}`, calls);
  await settle();
  const ticker = new Ticker();
  const start = performance.now();
  await Promise.all(
    Array.from({ length: calls }, async (_, index) => {
      await call(index);
      progress.step();
    }),
  );
  const seconds = (performance.now() - start) / 1_000;
  await settle();
  const largestGapMs = ticker.stop();
  progress.end();
  return { work, mode, largestGapMs, callMs: seconds * 1_000, perSecond: calls / seconds, gaps: ticker.gaps };
}

/** Prints rows as one table. */
export function printTable(rows: readonly Row[]): void {
  const cells = [
    ['work', 'mode', 'largest gap of the ticker', 'took', 'calls per second'],
    ...rows.map(({ work, mode, largestGapMs, callMs, perSecond }) => [
      work,
      mode,
      `${largestGapMs.toFixed(0)} ms`,
      `${callMs.toFixed(0)} ms`,
      perSecond.toFixed(1),
    ]),
  ];
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  const line = (row: string[]): string =>
    row
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join('  ');
  console.log(
    [line(cells[0]), widths.map((width) => '-'.repeat(width)).join('  '), ...cells.slice(1).map(line)].join(
      '\n',
    ),
  );
}
