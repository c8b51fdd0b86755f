import { measure, type Row } from '../support/measure';
import { countDown, countKeys, loadDocument, paces, runThrough } from './computation';

/** Computations that stay on the loop: at once, by steps, by time. The short form leaves out the steps. */
export async function run({ short }: { short: boolean }): Promise<Row[]> {
  loadDocument();
  const rows: Row[] = [];
  for (const [work, fn] of [
    ['count down, a yield per 1,000', countDown],
    ['walk over a large JSON, a yield per node', countKeys],
  ] as const) {
    if (!short)
      rows.push(
        await measure(
          work,
          'at once',
          1,
          () => runThrough<unknown>(fn()),
          () => undefined,
        ),
      );
    for (const [mode, make] of short ? paces.slice(-1) : paces) {
      const call = make<unknown>(fn);
      rows.push(await measure(work, mode, 1, call, () => undefined));
    }
  }
  return rows;
}
