import 'reflect-metadata';
import {} from 'offloop';
import { makeThreads } from '../support/executors';
import { Faulty } from './services';
import { endExecutors, use } from './support';

afterEach(endExecutors);

const bytes = (length: number): Uint8Array<ArrayBuffer> => new Uint8Array(length);

it('calls with memory that is moved run all the same behind a long one, and beside a loss', async () => {
  use(makeThreads({ maxWorkers: 2 }));
  for (let round = 0; round < 100; round++) await Faulty.takeAway(bytes(1));
  const calls = Array.from({ length: 60 }, (_, index) =>
    Faulty.takeAway(bytes(index), index === 3 ? 200 : 0),
  );
  const lost = Faulty.crash('process.exit').catch((error: unknown) => error);
  expect(await Promise.all(calls)).toEqual(calls.map((_, index) => index));
  expect(await lost).toMatchObject({ code: 'ERR_OFFLOOP_WORKER_LOST' });
});

it('memory is moved when the call is made, and its call is not run again after a loss', async () => {
  use(makeThreads({ maxWorkers: 1 }));
  const moved = bytes(8);
  const waiting = Faulty.takeAway(moved);
  expect(moved).toHaveLength(0);
  await expect(waiting).resolves.toBe(8);
  await expect(Faulty.takeAwayAndCrash(bytes(8))).rejects.toMatchObject({ code: 'ERR_OFFLOOP_WORKER_LOST' });
});

it('memory that was moved before is refused, as an argument and as a result', async () => {
  use(makeThreads({ maxWorkers: 1 }));
  const moved = bytes(8);
  await Faulty.takeAway(moved);
  const refusal = {
    code: 'ERR_OFFLOOP_NOT_CLONEABLE',
    message: expect.stringContaining('moved before') as string,
  };
  await expect(Faulty.takeAway(moved)).rejects.toMatchObject(refusal);
  await expect(Faulty.giveAway()).resolves.toHaveLength(1024);
  await expect(Faulty.giveAway()).rejects.toMatchObject(refusal);
  await expect(Faulty.takeAway(bytes(2))).resolves.toBe(2);
});
