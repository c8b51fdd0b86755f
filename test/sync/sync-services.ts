import 'reflect-metadata';
import { createServer } from 'node:http';
import { threadId } from 'node:worker_threads';
import { injectable } from 'tsyringe';
import { isWorker, Portable, RunInExecutor, runInExecutor } from 'offloop';
import { asyncToSync, type Lock } from 'offloop/sync';
import { THREADS } from './services';

@Portable()
export class TeapotError extends RangeError {
  readonly code = 'E_TEAPOT';
}

@Portable()
export class Point {
  constructor(
    readonly x: number,
    readonly y: number,
  ) {}
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
let answers = 0;

export class Asynchronous {
  readonly name = 'asynchronous';

  @RunInExecutor('thread')
  async echo<T>(value: T): Promise<T> {
    await sleep(1);
    return value;
  }

  @RunInExecutor('thread')
  async fail(): Promise<never> {
    await sleep(1);
    throw new TeapotError('short and stout');
  }

  @RunInExecutor('thread')
  async own(): Promise<string> {
    return this.name;
  }

  @RunInExecutor('thread')
  static async where(): Promise<number> {
    return threadId;
  }

  @RunInExecutor('thread')
  async slow(ms: number): Promise<number> {
    await sleep(ms);
    return ++answers;
  }

  @RunInExecutor('thread', { timeoutMs: 100 })
  async spin(): Promise<never> {
    for (;;);
  }

  @RunInExecutor('thread')
  async exit(code: number): Promise<never> {
    process.exit(code);
  }

  @RunInExecutor('thread')
  async crash(): Promise<void> {
    setImmediate(() => {
      throw new TeapotError('in the background');
    });
    await sleep(60_000);
  }

  /** Ends its worker some time after the call. */
  @RunInExecutor('thread')
  async exitLater(words: Int32Array): Promise<void> {
    setTimeout(() => {
      Atomics.store(words, 0, 1);
      Atomics.notify(words, 0);
      process.exit(1);
    }, 5);
  }

  /** Ends its worker some time after the call, and cannot say so: as when memory is exhausted. */
  @RunInExecutor('thread')
  async endUnseen(lock: Lock): Promise<void> {
    lock.acquireSync();
    setTimeout(() => {
      process.removeAllListeners('exit');
      process.exit(1);
    }, 5);
  }

  @RunInExecutor('thread')
  async lengthOf(bytes: Uint8Array): Promise<number> {
    return bytes.length;
  }

  @RunInExecutor('thread')
  async giveFunction(): Promise<unknown> {
    return () => 1;
  }

  @RunInExecutor('thread')
  async increment(lock: Lock, words: Int32Array, times: number): Promise<void> {
    for (let index = 0; index < times; index++) await lock.run(() => void words[0]++);
  }

  /** A server and its client on one loop: both have to progress. */
  @RunInExecutor('thread')
  async fetchFromItself(): Promise<string> {
    const server = createServer((_, response) => setTimeout(() => response.end('over the wire'), 5));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    try {
      return await (await fetch(`http://127.0.0.1:${port}/`)).text();
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  async undecorated(): Promise<number> {
    return 1;
  }

  synchronous(): string {
    return this.name;
  }
}

/** A synchronous call from within a worker, where decorated methods otherwise run in place. */
export class Nested {
  @RunInExecutor(THREADS)
  static async inWorker(value: Map<string, number>): Promise<[number, number, unknown]> {
    const view = asyncToSync(new Asynchronous());
    return [threadId, asyncToSync(Asynchronous).where(), view.echo(value)];
  }

  @RunInExecutor('thread')
  async twice(): Promise<[number, number]> {
    return [threadId, asyncToSync(Asynchronous).where()];
  }
}

@injectable()
class Greeter {
  greet(): string {
    return `hello from ${isWorker ? 'a worker' : 'the caller'}`;
  }
}

@injectable()
export class Injected {
  constructor(private readonly greeter: Greeter) {}

  @RunInExecutor('thread')
  async greet(): Promise<string> {
    return this.greeter.greet();
  }
}

export const double = runInExecutor('thread', async function double(value: number) {
  await sleep(1);
  return value * 2;
});

export const add = runInExecutor('thread', (left: number, right: number) => left + right);
