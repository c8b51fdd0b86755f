import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

export const root = resolve(__dirname, '..', '..');

export interface ScriptResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a script of the repository in a process of its own, until it ends by itself. */
export function runScript(
  path: string,
  { nodeArgs = [] as string[], args = [] as string[] } = {},
): Promise<ScriptResult> {
  return runNode([...nodeArgs, resolve(root, path), ...args]);
}

/** Runs `node` with these arguments, in the root of the repository, until it ends by itself. */
export function runNode(args: readonly string[]): Promise<ScriptResult> {
  return new Promise((done, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, JEST_WORKER_ID: undefined, NODE_OPTIONS: undefined },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    child.on('error', reject);
    child.on('close', (code) => done({ code, stdout, stderr }));
  });
}

export const typeScript = ['-r', '@swc-node/register'];
