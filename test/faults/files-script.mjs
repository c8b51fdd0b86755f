// Makes a call when no file may be opened any more, and another when files may be opened again.
import { closeSync, openSync } from 'node:fs';
import { isWorker, ProcessExecutor, registerExecutor, runInExecutor, ThreadExecutor } from 'offloop';

const echo = runInExecutor('files', (value) => value);

async function main([kind]) {
  registerExecutor('files', {
    useValue: kind === 'threads' ? new ThreadExecutor() : new ProcessExecutor(),
  });
  const files = [];
  try {
    for (;;) files.push(openSync('/dev/null'));
  } catch {
    // There is room for none.
  }
  const failed = await echo(1).catch((error) => error);
  for (const file of files) closeSync(file);
  console.log(JSON.stringify([failed.code, failed.message, await echo(2)]));
}

if (!isWorker) await main(process.argv.slice(2));
