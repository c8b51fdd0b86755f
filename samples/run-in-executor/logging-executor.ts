import { Executor, type Call } from 'offloop';

/** Says what it is handed, and how long that took; another executor does the work. */
export class LoggingExecutor extends Executor {
  constructor(
    private readonly inner: Executor,
    private readonly log: (line: string) => void = console.log,
  ) {
    super();
  }

  override async submit<T>(call: Call<T>): Promise<T> {
    const start = performance.now();
    try {
      return await this.inner.submit(call);
    } finally {
      this.log(`${call.name} took ${(performance.now() - start).toFixed(1)} ms`);
    }
  }

  override shutdown(): Promise<void> {
    return this.inner.shutdown();
  }
}
