import { RunInExecutor, runInExecutor, ThreadExecutor } from 'offloop';
import type { Lock, Queue } from 'offloop/sync';

export const double = runInExecutor('thread', (value: number) => value * 2);

/** What has been loaded where it runs. */
export class Loaded {
  @RunInExecutor('thread', { receiver: 'none' })
  async inThread(value: unknown): Promise<{ files: string[]; builtIn: string[]; value: unknown }> {
    return report(value);
  }

  @RunInExecutor('process', { receiver: 'none' })
  async inProcess(value: unknown): Promise<{ files: string[]; builtIn: string[]; value: unknown }> {
    return report(value);
  }

  /** In a thread that has run nothing else. */
  @RunInExecutor('fresh', { receiver: 'none' })
  async primitives(lock: Lock, queue: Queue<string>): Promise<string[]> {
    await lock.run(() => queue.put('an item'));
    return Object.keys(require.cache);
  }

  /** A worker that makes an executor of its own. */
  @RunInExecutor('thread', { receiver: 'none' })
  async nested(): Promise<number[]> {
    await using executor = new ThreadExecutor({ maxWorkers: 1 });
    const results: number[] = [];
    for await (const result of executor.map(double, [1, 2, 3])) results.push(result);
    return results;
  }
}

function report(value: unknown): { files: string[]; builtIn: string[]; value: unknown } {
  const { moduleLoadList } = process as unknown as { moduleLoadList: string[] };
  return { files: Object.keys(require.cache), builtIn: moduleLoadList, value };
}
