import 'reflect-metadata';
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../support/run-script';
import { isAlive, until } from './support';

/** Starts the script, and reads the process id of its worker. */
async function start(how: string): Promise<{ parent: ChildProcess; worker: number }> {
  const parent = spawn(process.execPath, [join(root, 'test/faults/orphan-script.mjs'), how], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  parent.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  await until(() => output.includes('\n'), 'its worker runs');
  return { parent, worker: Number(output) };
}

it.each(['idle', 'in a synchronous loop', 'awaiting', 'in its setup'])(
  'a worker that is %s ends when its parent is killed',
  async (how) => {
    const { parent, worker } = await start(how);
    expect(isAlive(worker)).toBe(true);
    parent.kill('SIGKILL');
    await until(() => !isAlive(worker), 'the worker ends');
  },
);
