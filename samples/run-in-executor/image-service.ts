import 'reflect-metadata';
import { threadId } from 'node:worker_threads';
import { injectable } from 'tsyringe';
import { RunInExecutor } from 'offloop';

/** Where a method ran. */
export interface Place {
  readonly method: string;
  readonly pid: number;
  readonly threadId: number;
}

const here = (method: string): Place => ({ method, pid: process.pid, threadId });

@injectable()
export class ImageService {
  /** The default executor: threads. */
  @RunInExecutor()
  async inDefault(): Promise<Place> {
    return here('inDefault');
  }

  /** Threads with limits of their own. */
  @RunInExecutor('images')
  async inCustomThreads(): Promise<Place> {
    return here('inCustomThreads');
  }

  /** Processes with limits of their own. */
  @RunInExecutor('render')
  async inCustomProcesses(): Promise<Place> {
    return here('inCustomProcesses');
  }

  /** An executor of one's own. */
  @RunInExecutor('logged')
  async inOwnExecutor(): Promise<Place> {
    return here('inOwnExecutor');
  }
}
