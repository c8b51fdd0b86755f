import { runInExecutor } from 'offloop';

export const echoInThread = runInExecutor('thread', (values: unknown[]) => values);
export const echoInProcess = runInExecutor('process', (values: unknown[]) => values);
