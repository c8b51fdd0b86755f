import 'reflect-metadata';
import { container, injectable } from 'tsyringe';
import {
  InlineExecutor,
  ProcessExecutor,
  registerExecutor,
  RunInExecutor,
  ThreadExecutor,
  type Executor,
} from 'offloop';
import { tasks } from '../workers/tasks';
import type { Contender } from './contender';

/** As a user writes it: an injectable service whose methods are decorated. */
@injectable()
class ThreadService {
  @RunInExecutor('thread')
  async noop(): Promise<void> {
    return tasks.noop();
  }

  @RunInExecutor('thread')
  async work(microseconds: number): Promise<number> {
    return tasks.work(microseconds);
  }

  @RunInExecutor('thread')
  async block(ms: number): Promise<void> {
    return tasks.block(ms);
  }

  @RunInExecutor('thread')
  async echo(value: unknown): Promise<unknown> {
    return tasks.echo(value);
  }

  @RunInExecutor('thread')
  async place(): Promise<number> {
    return tasks.place();
  }
}

@injectable()
class ProcessService {
  @RunInExecutor('process')
  async noop(): Promise<void> {
    return tasks.noop();
  }

  @RunInExecutor('process')
  async work(microseconds: number): Promise<number> {
    return tasks.work(microseconds);
  }

  @RunInExecutor('process')
  async block(ms: number): Promise<void> {
    return tasks.block(ms);
  }

  @RunInExecutor('process')
  async echo(value: unknown): Promise<unknown> {
    return tasks.echo(value);
  }

  @RunInExecutor('process')
  async place(): Promise<number> {
    return tasks.place();
  }
}

const contender = (
  name: 'thread' | 'process',
  service: typeof ThreadService | typeof ProcessService,
  make: (workers: number) => Executor,
): Contender => ({
  load: async () => (workers) => {
    const executor = make(workers);
    registerExecutor(name, { useValue: executor });
    const resolved = container.resolve<ThreadService | ProcessService>(service);
    return {
      call: (method, argument) => resolved[method](argument as never),
      close: () => executor.shutdown(),
    };
  },
});

export const threads = contender(
  'thread',
  ThreadService,
  (workers) => new ThreadExecutor({ minWorkers: workers, maxWorkers: workers }),
);
export const processes = contender(
  'process',
  ProcessService,
  (workers) => new ProcessExecutor({ minWorkers: workers, maxWorkers: workers }),
);
export const inline = contender('thread', ThreadService, () => new InlineExecutor({ copy: false }));
