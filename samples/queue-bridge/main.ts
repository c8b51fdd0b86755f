/** Two threads of synchronous code feed the main loop, and then the main loop feeds them. */
import 'reflect-metadata';
import { registerExecutor, ThreadExecutor } from 'offloop';
import { Queue } from 'offloop/sync';
import { showProgress } from '../support/progress';
import { Ticker } from '../support/ticker';
import { consume, produce, type Line } from './lines';

const COUNT = process.argv.includes('--short') ? 10_000 : 200_000;
const THREADS = [1, 2];
/** Lines for each step of the progress bar. */
const STEP = 1_000;

/** From threads to the loop: an async consumer, while timers go on. */
async function fromThreads(): Promise<void> {
  const queue = new Queue<Line>({ maxItems: 1_000 });
  const producing = Promise.all(THREADS.map((producer) => produce(queue, producer, COUNT)));
  void producing.finally(() => queue.close());
  const progress = showProgress('thousand lines from two threads', (THREADS.length * COUNT) / STEP);
  const ticker = new Ticker();
  const begin = performance.now();
  const last = new Map<number, number>();
  let lines = 0;
  let inOrder = true;
  for await (const { producer, index } of queue) {
    inOrder &&= index === (last.get(producer) ?? -1) + 1;
    last.set(producer, index);
    if (++lines % STEP === 0) progress.step();
  }
  await producing;
  progress.end();
  report(`from threads: ${lines} lines, ${inOrder ? 'each thread in order' : 'OUT OF ORDER'}`, lines, begin);
  console.log(`the largest gap of a ticker beside it: ${Math.round(ticker.stop())} ms`);
}

/** From the loop to threads, which wait in place. */
async function toThreads(): Promise<void> {
  const queue = new Queue<Line>({ maxItems: 1_000 });
  const consuming = Promise.all(THREADS.map(() => consume(queue)));
  const total = THREADS.length * COUNT;
  const progress = showProgress('thousand lines to two threads', total / STEP);
  const begin = performance.now();
  for (let index = 0; index < total; index++) {
    await queue.put({ producer: 0, index, text: `line ${index}` });
    if (index % STEP === STEP - 1) progress.step();
  }
  queue.close();
  const lines = (await consuming).reduce((sum, { count }) => sum + count, 0);
  progress.end();
  report(`to threads: ${lines} lines, taken by two`, lines, begin);
}

function report(what: string, lines: number, begin: number): void {
  const perSecond = (lines / (performance.now() - begin)) * 1_000;
  console.log(`${what}, ${Math.round(perSecond).toLocaleString('en')} per second`);
}

registerExecutor('bridge', { useFactory: () => new ThreadExecutor({ maxWorkers: THREADS.length }) });
void fromThreads().then(toThreads);
