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
