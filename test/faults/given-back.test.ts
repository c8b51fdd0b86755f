import 'reflect-metadata';
import { join } from 'node:path';
import { ProcessExecutor } from 'offloop';
import { kinds } from '../support/executors';
import { Faulty } from './services';
import { endExecutors, use } from './support';

afterEach(endExecutors);

it('what a process gives back runs elsewhere, however late it tells of it', async () => {
  const late = join(__dirname, 'late-watchdog.cjs');
  use(new ProcessExecutor({ maxWorkers: 2, execArgv: ['-r', '@swc-node/register', '-r', late] }));
  let next = 0;
  let ended = 0;
  const callAgainAndAgain = async (): Promise<void> => {
    // What stands behind one that holds its worker is given back; others go on, many more than a worker holds.
    while (next < 30_000) {
      await Faulty.block(next++ % 10_000 === 500 ? 50 : 0);
      ended++;
    }
  };
  await Promise.all(Array.from({ length: 16 }, callAgainAndAgain));
  expect(ended).toBe(30_000);
});

it.each(kinds)(
  'what stood behind a long call and runs elsewhere is as it was when it was called, %s',
  async (_, make) => {
    use(make({ maxWorkers: 2 }));
    const rows = Array.from({ length: 200 }, (_each, id) => ({ id }));
    // Both are known to be short: the second is sent behind the first.
    for (let call = 0; call < 30; call++) {
      await Faulty.echo(rows);
      await Faulty.block(0);
    }
    const blocked = Faulty.block(500);
    const echoed = Faulty.echo(rows);
    rows[0].id = -1;
    expect((await echoed)[0]).toEqual({ id: 0 });
    await blocked;
  },
);

describe('where a process gives nothing back', () => {
  /** Calls that are known to be short, so that one is sent behind another. */
  const useDeaf = async (): Promise<void> => {
    const deaf = join(__dirname, 'deaf-watchdog.cjs');
    use(new ProcessExecutor({ maxWorkers: 1, execArgv: ['-r', '@swc-node/register', '-r', deaf] }));
    for (let call = 0; call < 30; call++) {
      await Faulty.block(0);
      await Faulty.impatient();
    }
  };

  it('a call that begins too late is not told to have waited for a worker', async () => {
    await useDeaf();
    const blocking = Faulty.block(200);
    await expect(Faulty.impatient()).resolves.toBe('begun');
    await blocking;
  });

  it('a call that does not begin is told so all the same', async () => {
    await useDeaf();
    const blocking = expect(Faulty.block(60_000)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_WORKER_LOST' });
    await expect(Faulty.impatient()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CALL_TIMEOUT' });
    await endExecutors();
    await blocking;
  });
});
