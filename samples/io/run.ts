import 'reflect-metadata';
import { container } from 'tsyringe';
import { ProcessExecutor, registerExecutor, ThreadExecutor } from 'offloop';
import { measure, type Row } from '../support/measure';
import { IoService } from './io-service';
import { startSlowServer } from './slow-server';

/** How long the server takes to answer. */
export const SERVER_MS = 300;

/** A ticker beside synchronous HTTP requests: on the loop, then in threads, then in processes. */
export async function run({ short }: { short: boolean }): Promise<Row[]> {
  const calls = short ? 4 : 12;
  registerExecutor('io-threads', { useFactory: () => new ThreadExecutor({ maxWorkers: 4 }) });
  registerExecutor('io-processes', { useFactory: () => new ProcessExecutor({ maxWorkers: 4 }) });
  const io = container.resolve(IoService);
  const server = await startSlowServer(SERVER_MS);
  const four = (call: () => Promise<unknown>): Promise<unknown> =>
    Promise.all([call(), call(), call(), call()]);
  try {
    return [
      await measure(
        'sync HTTP',
        'on the loop',
        Math.ceil(calls / 2),
        () => io.fetchOnLoop(server.url),
        () => undefined,
      ),
      await measure(
        'sync HTTP',
        'threads',
        calls,
        () => io.fetchInThread(server.url),
        () => four(() => io.fetchInThread(server.url)),
      ),
      await measure(
        'sync HTTP',
        'processes',
        calls,
        () => io.fetchInProcess(server.url),
        () => four(() => io.fetchInProcess(server.url)),
      ),
    ];
  } finally {
    server.stop();
  }
}
