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
