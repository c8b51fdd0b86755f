import 'reflect-metadata';
import { once } from 'node:events';
import { threadId, Worker } from 'node:worker_threads';
import { RunInExecutor } from 'offloop';
import { injectable } from 'tsyringe';
import { Prices } from './prices.js';

export interface Report {
  readonly total: number;
  readonly injected: boolean;
  readonly processId: number;
  readonly threadId: number;
}

@injectable()
export class Orders {
  /** A class that names itself: what compiles it may give it another name inside. */
  static readonly largest = 100;

  constructor(private readonly prices: Prices) {}

  @RunInExecutor('thread')
  async inThread(items: string[]): Promise<Report> {
    return this.report(items);
  }

  @RunInExecutor('process')
  async inProcess(items: string[]): Promise<Report> {
    // A thread that starts now: until it has ended, so has the one that watches over the calls, if it could not start.
    await once(new Worker('', { eval: true, execArgv: [] }), 'exit');
    return this.report(items);
  }

  private report(items: string[]): Report {
    if (items.length > Orders.largest) throw new RangeError('too many items');
    let total = 0;
    for (const item of items) total += this.prices.of(item);
    return { total, injected: this.prices instanceof Prices, processId: process.pid, threadId };
  }
}
