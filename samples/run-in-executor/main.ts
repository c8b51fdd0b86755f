import 'reflect-metadata';
import { container } from 'tsyringe';
import { ProcessExecutor, registerExecutor, ThreadExecutor } from 'offloop';
import { ImageService } from './image-service';
import { LoggingExecutor } from './logging-executor';

registerExecutor('images', { useFactory: () => new ThreadExecutor({ maxWorkers: 2, idleTimeoutMs: 5_000 }) });
registerExecutor('render', {
  useFactory: () => new ProcessExecutor({ maxWorkers: 1, maxCallsPerWorker: 100 }),
});
registerExecutor('logged', { useFactory: () => new LoggingExecutor(new ThreadExecutor({ maxWorkers: 1 })) });

async function main(): Promise<void> {
  const images = container.resolve(ImageService);
  const places = [
    await images.inDefault(),
    await images.inCustomThreads(),
    await images.inCustomProcesses(),
    await images.inOwnExecutor(),
  ];
  for (const { method, pid, threadId } of places) {
    console.log(`${method}: ${pid === process.pid ? 'this process' : 'a child process'}, thread ${threadId}`);
  }
}

void main();
