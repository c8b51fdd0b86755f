import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { injectable } from 'tsyringe';
import { RunInExecutor } from 'offloop';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export const COUNTDOWN_FROM = 50_000_000;

/** A JSON document of several megabytes. */
const documentPath = require.resolve('@mdn/browser-compat-data');

export function countDown(from: number): number {
  let counter = from;
  while (counter > 0) counter--;
  return counter;
}

/** Reads the document and counts every key in it. */
export function countKeys(): number {
  const stack: Json[] = [JSON.parse(readFileSync(documentPath, 'utf8')) as Json];
  let keys = 0;
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (typeof node !== 'object' || node === null) continue;
    for (const child of Object.values(node)) {
      keys++;
      stack.push(child);
    }
  }
  return keys;
}

@injectable()
export class CpuService {
  @RunInExecutor('cpu-threads')
  async countDownInThread(from: number): Promise<number> {
    return countDown(from);
  }

  @RunInExecutor('cpu-processes')
  async countDownInProcess(from: number): Promise<number> {
    return countDown(from);
  }

  @RunInExecutor('cpu-threads')
  async countKeysInThread(): Promise<number> {
    return countKeys();
  }

  @RunInExecutor('cpu-processes')
  async countKeysInProcess(): Promise<number> {
    return countKeys();
  }
}
