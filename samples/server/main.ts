/** Starts the server, sends it requests, asks it to end while it works on them, and sees each one answered. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { startServer } from './server';

async function main(): Promise<void> {
  const server = startServer();
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const get = async (path: string): Promise<void> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } });
    console.log(`GET ${path}: ${response.status} ${await response.text()}`);
  };

  let arrived = 0;
  const allArrived = new Promise<void>((resolve) => {
    server.on('request', () => ++arrived === 4 && resolve());
  });
  const requests = ['1', '2', '3', '4'].map((id) => get(`/reports/${id}`));
  await allArrived;
  process.kill(process.pid, 'SIGTERM');
  await once(process, 'SIGTERM');
  await get('/reports/5').catch((error: Error & { cause?: { code?: string } }) =>
    console.log(`no new connections: ${error.cause?.code ?? error.message}`),
  );
  await Promise.all(requests);
}

void main();
