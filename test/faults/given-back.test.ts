import 'reflect-metadata';
import { join } from 'node:path';
import { ProcessExecutor } from 'offloop';
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
