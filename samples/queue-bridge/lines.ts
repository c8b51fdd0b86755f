import { runInExecutor } from 'offloop';
import type { Queue } from 'offloop/sync';

export interface Line {
  readonly producer: number;
  readonly index: number;
  readonly text: string;
}

/** Synchronous code in a thread, which knows nothing of promises: it waits in place when the queue is full. */
export const produce = runInExecutor(
  'bridge',
  function produce(queue: Queue<Line>, producer: number, count: number) {
    for (let index = 0; index < count; index++) {
      queue.putSync({ producer, index, text: `line ${index} of ${producer}` });
    }
  },
);

/** The other way round: synchronous code in a thread takes what the main loop puts. */
export const consume = runInExecutor('bridge', function consume(queue: Queue<Line>) {
  let count = 0;
  let characters = 0;
  for (;;) {
    try {
      characters += queue.getSync().text.length;
      count++;
    } catch (error) {
      if ((error as { code?: string }).code === 'ERR_OFFLOOP_QUEUE_CLOSED') return { count, characters };
      throw error;
    }
  }
});
