import 'reflect-metadata';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { container } from 'tsyringe';
import { configureExecutors, registerExecutor, shutdownExecutors, ThreadExecutor } from 'offloop';
import { measure, printTable } from '../support/measure';
import { createDatabase, CUSTOMERS } from './create-database';
import { ReportService } from './report-service';
import setUp from './setup';

const THREADS = 4;

async function main(): Promise<void> {
  const file = createDatabase();
  process.env.SAMPLE_DATABASE = file;
  setUp(container);
  configureExecutors({ setup: join(__dirname, 'setup.ts') });
  registerExecutor('reports', {
    useFactory: () => new ThreadExecutor({ maxWorkers: THREADS, minWorkers: THREADS }),
  });

  const reports = container.resolve(ReportService);
  const customer = (index: number): number => index % CUSTOMERS;
  const warmUp = (): Promise<unknown> =>
    Promise.all(Array.from({ length: 8 * THREADS }, (_, index) => reports.total(customer(index))));
  const rows = [
    await measure(
      'SQLite queries',
      'on the loop',
      16,
      (index) => reports.totalOnLoop(customer(index)),
      () => undefined,
    ),
    await measure('SQLite queries', 'threads', 16, (index) => reports.total(customer(index)), warmUp),
  ];
  printTable(rows);
  console.log(`total of customer 1: ${await reports.total(1)}, on the loop ${reports.totalOnLoop(1)}`);

  await shutdownExecutors();
  await container.dispose();
  rmSync(dirname(file), { recursive: true });
}

void main();
