// Sends large arrays to a process, and back, with more objects than travel in the compact code; prints whether they are still held once their calls are over.
import { isWorker, ProcessExecutor, registerExecutor, runInExecutor } from 'offloop';

let made;
const make = () => {
  const bytes = new Uint8Array(1_000_000);
  made = new WeakRef(bytes.buffer);
  return { bytes, rows: Array.from({ length: 2_000 }, (_, id) => ({ id })) };
};
const isHeld = async () => {
  for (let turns = 0; turns < 50 && made.deref(); turns++) {
    await new Promise((resolve) => setTimeout(resolve));
    gc();
  }
  return made.deref() !== undefined;
};

const take = runInExecutor('beside', () => undefined);
const makeThere = runInExecutor('beside', make);
const isHeldThere = runInExecutor('beside', isHeld);

if (!isWorker) {
  registerExecutor('beside', { useValue: new ProcessExecutor({ maxWorkers: 1 }) });
  // From its second call on, a method is known to the worker.
  await take();
  await take(make());
  const here = await isHeld();
  await makeThere();
  console.log(JSON.stringify({ here, there: await isHeldThere() }));
}
