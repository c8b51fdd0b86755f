import { runInExecutor } from 'offloop';

export const echoInThread = runInExecutor('thread', (values: unknown[]) => values);
export const echoInProcess = runInExecutor('process', (values: unknown[]) => values);

const texts = (text: string, index = 0, tail = ''): [string, number, string] => [text, index, tail];
export const echoTextsInThread = runInExecutor('thread', (text: string, index?: number, tail?: string) =>
  texts(text, index, tail),
);
export const echoTextsInProcess = runInExecutor('process', (text: string, index?: number, tail?: string) =>
  texts(text, index, tail),
);

const kept = new Float64Array(100_000).fill(0.5);

/** What the worker keeps, with the sum of it. */
const keep = (): { kept: Float64Array; again: Float64Array; sum: number } => ({
  kept,
  again: kept,
  sum: kept.reduce((sum, value) => sum + value),
});
export const keptInThread = runInExecutor('thread', keep);
export const keptInProcess = runInExecutor('process', keep);

export const makeInProcess = runInExecutor('process', (bytes: number) => Buffer.alloc(bytes));
