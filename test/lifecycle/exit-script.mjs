// Makes many calls and reports how long the process outlives the last result.
import { InlineExecutor, isWorker, registerExecutor, runInExecutor } from 'offloop';

const kind = process.argv[2] ?? 'thread';
const echo = runInExecutor(kind === 'inline' ? 'inline' : kind, (value) => value);

if (!isWorker) {
  if (kind === 'inline') registerExecutor('inline', { useFactory: () => new InlineExecutor() });
  let next = 0;
  let wrong = 0;
  await Promise.all(
    Array.from({ length: 1000 }, async () => {
      while (next < 10000) {
        const value = next++;
        if ((await echo(value)) !== value) wrong++;
      }
    }),
  );
  const end = performance.now();
  process.on('exit', () => console.log(JSON.stringify({ wrong, outlivedMs: performance.now() - end })));
}
