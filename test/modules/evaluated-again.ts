import type { MessagePort } from 'node:worker_threads';
import { Portable, ProcessExecutor, registerExecutor, RunInExecutor, transfer } from 'offloop';
import { asyncToSync } from 'offloop/sync';

registerExecutor('lasting', { useFactory: () => new ProcessExecutor({ idleTimeoutMs: 600_000 }) });

@Portable()
export class OutOfStock extends Error {
  override readonly name = 'OutOfStock';

  constructor(readonly article: string) {
    super(`${article} is out of stock`);
  }
}

@Portable()
export class Quantity {
  constructor(readonly count: number) {}

  twice(): number {
    return this.count * 2;
  }
}

export class Store {
  @RunInExecutor()
  async order(article: string): Promise<void> {
    throw new OutOfStock(article);
  }

  @RunInExecutor('process')
  async count({ count }: Quantity): Promise<Quantity> {
    return new Quantity(count + 1);
  }

  @RunInExecutor('lasting')
  async worker(): Promise<number> {
    return process.pid;
  }

  /** Has a port close when the worker for synchronous calls ends. */
  static tieToWorker(port: MessagePort): void {
    asyncToSync(Store).keep(transfer(port, [port]));
  }

  @RunInExecutor()
  static async keep(port: MessagePort): Promise<void> {
    port.ref();
  }
}
