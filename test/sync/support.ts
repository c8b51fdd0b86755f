import { registerExecutor, shutdownExecutors } from 'offloop';
import { makeProcesses, makeThreads } from '../support/executors';
import { PROCESSES, THREADS } from './services';

/** How many operations a stress test makes in all; OFFLOOP_STRESS=1000000 takes minutes. */
export const operations = (few: number): number => Number(process.env.OFFLOOP_STRESS ?? few);

export function useThreads(maxWorkers = 6): void {
  beforeAll(() => {
    registerExecutor(THREADS, { useFactory: () => makeThreads({ maxWorkers }) });
    registerExecutor(PROCESSES, { useFactory: () => makeProcesses({ maxWorkers: 1 }) });
  });
  afterAll(() => shutdownExecutors());
}

if (process.env.OFFLOOP_STRESS) jest.setTimeout(600_000);
