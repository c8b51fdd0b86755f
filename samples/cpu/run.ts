import 'reflect-metadata';
import { container } from 'tsyringe';
import { ProcessExecutor, registerExecutor, ThreadExecutor } from 'offloop';
import { measure, type Row } from '../support/measure';
import { countDown, COUNTDOWN_FROM, countKeys, CpuService } from './cpu-service';

/** A ticker beside computations: on the loop, then in a thread, then in a process. */
export async function run({ short }: { short: boolean }): Promise<Row[]> {
  const calls = short ? 4 : 20;
  // One worker leaves a core to the loop, on a machine with two.
  registerExecutor('cpu-threads', { useFactory: () => new ThreadExecutor({ maxWorkers: 1 }) });
  registerExecutor('cpu-processes', { useFactory: () => new ProcessExecutor({ maxWorkers: 1 }) });
  const cpu = container.resolve(CpuService);
  const from = COUNTDOWN_FROM;
  const counted = 'count down from 50,000,000';
  const walked = 'walk over a large JSON';
  return [
    await measure(
      counted,
      'on the loop',
      calls,
      () => countDown(from),
      () => undefined,
    ),
    await measure(
      counted,
      'threads',
      calls,
      () => cpu.countDownInThread(from),
      () => cpu.countDownInThread(1),
    ),
    await measure(
      counted,
      'processes',
      calls,
      () => cpu.countDownInProcess(from),
      () => cpu.countDownInProcess(1),
    ),
    await measure(
      walked,
      'on the loop',
      calls,
      () => countKeys(),
      () => undefined,
    ),
    await measure(
      walked,
      'threads',
      calls,
      () => cpu.countKeysInThread(),
      () => cpu.countKeysInThread(),
    ),
    await measure(
      walked,
      'processes',
      calls,
      () => cpu.countKeysInProcess(),
      () => cpu.countKeysInProcess(),
    ),
  ];
}
