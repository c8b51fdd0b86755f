import 'reflect-metadata';
import { Socket } from 'node:net';
import { runInExecutor, shutdownExecutors } from 'offloop';

jest.mock('node:net');
afterAll(() => shutdownExecutors());

const echo = runInExecutor('process', (array: Uint8Array) => array);

it('a process answers where a test has replaced the network', async () => {
  expect(jest.isMockFunction(Socket)).toBe(true);
  const array = new Uint8Array(100_000).fill(7);
  expect(Buffer.compare(await echo(array), array)).toBe(0);
});
