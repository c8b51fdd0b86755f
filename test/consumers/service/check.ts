import 'reflect-metadata';
import { appendFileSync } from 'node:fs';
import { threadId } from 'node:worker_threads';
import { isWorker } from 'offloop';
import { container } from 'tsyringe';
import { Orders, type Report } from './orders.js';
import { UnknownItemError } from './prices.js';

export type ExecutorName = 'thread' | 'process';
export const executors: readonly ExecutorName[] = ['thread', 'process'];

/** Checks what the service does in an executor, and tells the runner of the consumers what was wrong. */
export async function check(executor: ExecutorName): Promise<string[]> {
  const failures: string[] = [];
  try {
    await checkCalls(executor, failures);
  } catch (error) {
    const { code, stack } = error as NodeJS.ErrnoException;
    failures.push(`${code}: ${stack}`);
  }
  tell({ executor, failures });
  return failures;
}

/** Adds a record to those that the runner reads. */
export function tell(record: object): void {
  const { CONSUMER_RECORDS } = process.env;
  if (CONSUMER_RECORDS === undefined || isWorker) return;
  appendFileSync(CONSUMER_RECORDS, `${JSON.stringify({ ...record, at: Date.now() })}\n`);
}

async function checkCalls(executor: ExecutorName, failures: string[]): Promise<void> {
  const orders = container.resolve(Orders);
  const call = (items: string[]): Promise<Report> =>
    executor === 'thread' ? orders.inThread(items) : orders.inProcess(items);

  const report = await call(['apple', 'pear', 'pear']);
  if (report.total !== 8) failures.push(`expected a total of 8, found ${report.total}`);
  if (!report.injected) failures.push('the dependency of the receiver is not what DI injects');
  const isElsewhere =
    executor === 'thread'
      ? report.processId === process.pid && report.threadId !== threadId
      : report.processId !== process.pid;
  if (!isElsewhere) failures.push(`it did not run in a ${executor}: ${JSON.stringify(report)}`);

  let caught: unknown;
  try {
    await call(['plum']); // called here
  } catch (error) {
    caught = error;
  }
  if (!(caught instanceof UnknownItemError) || caught.item !== 'plum')
    failures.push(`expected an UnknownItemError, found ${String((caught as Error)?.stack ?? caught)}`);
  const stack = String((caught as Error | undefined)?.stack);
  for (const frame of (process.env.CONSUMER_FRAMES ?? '').split(' ').filter(Boolean)) {
    if (!stack.includes(frame)) failures.push(`expected a frame in ${frame}, found ${stack}`);
  }
}
