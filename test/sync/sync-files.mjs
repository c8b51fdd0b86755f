// Makes a synchronous call when no file may be opened any more, and another when files may be opened again.
import { closeSync, openSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

// Time goes a hundred times as fast while what is waited for never comes.
let speed = 100;
const now = performance.now.bind(performance);
performance.now = () => now() * speed;
const { isWorker, runInExecutor } = await import('offloop');
const { asyncToSync } = await import('offloop/sync');

const echo = runInExecutor('thread', (value) => value);

if (!isWorker) {
  const files = [];
  try {
    for (;;) files.push(openSync('/dev/null'));
  } catch {
    // There is room for none.
  }
  const view = asyncToSync(echo);
  let failed;
  try {
    view(1);
  } catch (error) {
    failed = error;
  }
  speed = 1;
  for (const file of files) closeSync(file);
  console.log(JSON.stringify([failed.code, failed.message, view(2)]));
}
