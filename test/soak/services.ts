import { RunInExecutor } from 'offloop';

export const EXECUTOR = 'soak';

export interface Item {
  readonly id: number;
  readonly text: string;
}

/** What a service may do, and what it may suffer. */
export class Soaked {
  @RunInExecutor(EXECUTOR)
  async value(item: Item): Promise<Item> {
    return { ...item };
  }

  @RunInExecutor(EXECUTOR)
  async later(item: Item, ms: number): Promise<Item> {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return { ...item };
  }

  @RunInExecutor(EXECUTOR)
  async computed(item: Item, steps: number): Promise<Item> {
    let left = steps;
    while (left > 0) left--;
    return { ...item, id: item.id + left };
  }

  @RunInExecutor(EXECUTOR)
  async bytes(length: number): Promise<Buffer> {
    return Buffer.alloc(length, length % 251);
  }

  @RunInExecutor(EXECUTOR)
  async error(id: number): Promise<never> {
    throw new RangeError(`error ${id}`);
  }

  @RunInExecutor(EXECUTOR)
  async crash(): Promise<never> {
    return process.exit(3);
  }

  @RunInExecutor(EXECUTOR)
  async crashInBackground(): Promise<never> {
    setImmediate(() => process.exit(4));
    return new Promise(() => undefined);
  }

  @RunInExecutor(EXECUTOR, { timeoutMs: 50 })
  async hang(): Promise<never> {
    for (;;);
  }

  @RunInExecutor(EXECUTOR, { graceMs: 20 })
  async deaf(_signal: AbortSignal): Promise<never> {
    for (;;);
  }

  @RunInExecutor(EXECUTOR)
  async listening(signal: AbortSignal): Promise<void> {
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('heard'))));
  }
}
