import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Runs a command in a process group of its own, and ends the group when the time is over.
 *
 * @param {string[]} command
 * @param {{ cwd: string, env: NodeJS.ProcessEnv, timeoutMs: number }} options
 */
export function run([file, ...args], { cwd, env, timeoutMs }) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let output = '';
    let timedOut = false;
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk) => (output += chunk));
    const timer = setTimeout(() => {
      timedOut = true;
      endGroup(child.pid);
    }, timeoutMs);
    child.on('error', reject);
    child.on('close', async (code, signal) => {
      const endedAt = Date.now();
      clearTimeout(timer);
      resolve({
        code,
        signal,
        output,
        timedOut,
        endedAt,
        orphans: !timedOut && (await hasOrphans(child.pid)),
      });
    });
  });
}

/** As {@link run}, for what has to succeed. */
export async function mustRun(command, options) {
  const { code, output, timedOut } = await run(command, options);
  if (code !== 0)
    throw new Error(`${command.join(' ')} ${timedOut ? 'took too long' : `ended with ${code}`}\n${output}`);
  return output;
}

/** True when a process of the group outlives its first by more than it takes to notice. */
async function hasOrphans(group) {
  for (let left = 20; left > 0; left--) {
    if (!isAlive(group)) return false;
    await sleep(100);
  }
  endGroup(group);
  return true;
}

/** Whether a process of the group runs: one that has ended, and that nobody asked about, does not. */
function isAlive(group) {
  return readdirSync('/proc').some((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const [state, , ofGroup] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').pop().split(' ');
      return Number(ofGroup) === group && state !== 'Z' && state !== 'X';
    } catch {
      return false;
    }
  });
}

function endGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
