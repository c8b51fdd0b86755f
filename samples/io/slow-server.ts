import { fork } from 'node:child_process';
import { join } from 'node:path';

/** A server on 127.0.0.1 that takes its time, in a process of its own: a blocked loop must not stop it too. */
export async function startSlowServer(delayMs: number): Promise<{ url: string; stop(): void }> {
  const child = fork(join(__dirname, 'slow-server-process.js'), [String(delayMs)], { execArgv: [] });
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message) => resolve(message as number));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the server ended with exit code ${code}`)));
  });
  return { url: `http://127.0.0.1:${port}/`, stop: () => child.disconnect() };
}
