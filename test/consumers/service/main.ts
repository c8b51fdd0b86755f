import 'reflect-metadata';
import { isWorker } from 'offloop';
import { check, executors } from './check.js';

async function main(): Promise<void> {
  for (const executor of executors) await check(executor);
}

if (!isWorker) void main();
