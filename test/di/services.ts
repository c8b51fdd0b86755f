import { threadId } from 'node:worker_threads';
import { Cooperative, RunInExecutor, ThreadExecutor, type Steps as StepsOf } from 'offloop';

export const TOKEN = Symbol('an executor');

export class OneThread extends ThreadExecutor {
  constructor() {
    super({ maxWorkers: 1 });
  }
}

export class Places {
  @RunInExecutor('named')
  static async named(): Promise<number> {
    return threadId;
  }

  @RunInExecutor(TOKEN)
  static async bySymbol(): Promise<number> {
    return threadId;
  }

  @RunInExecutor(OneThread)
  static async byClass(): Promise<number> {
    return threadId;
  }

  @RunInExecutor()
  static async byDefault(): Promise<number> {
    return threadId;
  }

  @RunInExecutor('process')
  static async inProcess(): Promise<number> {
    return process.pid;
  }

  @RunInExecutor('tread')
  static async misspelt(): Promise<void> {}

  @RunInExecutor(Symbol('nobody registered me'))
  static async unregistered(): Promise<void> {}
}

/** Runs here, on the scheduler that its container has, or the thread. */
export class Steps {
  step(): Promise<number>;
  @Cooperative(1)
  *step(): StepsOf<number> {
    yield;
    return 1;
  }
}
