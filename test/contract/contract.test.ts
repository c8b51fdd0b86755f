import 'reflect-metadata';
import { Executor, InlineExecutor, ProcessExecutor, ThreadExecutor, type Call } from 'offloop';
import { describeContract } from './contract';

/** An executor as a user writes it: `submit` alone. */
class CustomExecutor extends Executor {
  readonly names: string[] = [];

  constructor(private readonly inner: Executor) {
    super();
  }

  override submit<T>(call: Call<T>): Promise<T> {
    this.names.push(call.name);
    return this.inner.submit(call);
  }

  override shutdown(): Promise<void> {
    return this.inner.shutdown();
  }
}

describeContract('threads', () => new ThreadExecutor({ maxWorkers: 2 }));
describeContract('processes', () => new ProcessExecutor({ maxWorkers: 2 }));
describeContract('inline', () => new InlineExecutor());
describeContract('an executor of one’s own', () => new CustomExecutor(new ThreadExecutor({ maxWorkers: 1 })));
