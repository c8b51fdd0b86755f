import 'reflect-metadata';
import { createServer, type Server } from 'node:http';
import { container } from 'tsyringe';
import { shutdownExecutors } from 'offloop';
import { ReportService } from './report-service';

/** An HTTP server that finishes its requests when it is asked to end. */
export function startServer(): Server {
  const reports = container.resolve(ReportService);
  const server = createServer((request, response) => {
    const id = /^\/reports\/(\w+)$/.exec(request.url ?? '')?.[1];
    if (id === undefined) {
      response.writeHead(404).end();
      return;
    }
    reports.render(id).then(
      (report) => response.end(report),
      (error: Error) => response.writeHead(500).end(error.message),
    );
  });

  const stop = (signal: string): void => {
    console.log(`${signal}: finishing what has begun`);
    // In this order: first no new requests, then, when those that run are answered, no more workers.
    server.close(() => {
      void shutdownExecutors().then(() => console.log('all executors are shut down'));
    });
    server.closeIdleConnections();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  return server.listen(0, '127.0.0.1');
}
