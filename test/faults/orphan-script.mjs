// Prints the process id of its worker, which is then in the state that the first argument names.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isWorker, ProcessExecutor, registerExecutor, runInExecutor } from 'offloop';

const place = runInExecutor('process', () => process.pid);
const spin = runInExecutor('process', (folder) => {
  writeFileSync(join(folder, 'begun'), '');
  for (;;);
});
const wait = runInExecutor('process', async (folder) => {
  setInterval(() => undefined, 1_000);
  writeFileSync(join(folder, 'begun'), '');
  await new Promise(() => undefined);
});

if (!isWorker) {
  const how = process.argv[2];
  if (how === 'in its setup') {
    const setup = fileURLToPath(new URL('orphan-setup.cjs', import.meta.url));
    registerExecutor('process', { useFactory: () => new ProcessExecutor({ setup }) });
  }
  const pid = await place();
  const folder = mkdtempSync(join(tmpdir(), 'offloop-'));
  if (how !== 'idle') {
    void (how === 'awaiting' ? wait : spin)(folder);
    while (readdirSync(folder).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  rmSync(folder, { recursive: true });
  console.log(pid);
  setInterval(() => undefined, 1_000);
}
