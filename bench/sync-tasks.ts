import 'reflect-metadata';
import { runInExecutor } from 'offloop';

export const echo = runInExecutor('thread', async function echo(value: unknown) {
  return value;
});
