import { clock } from '../calls/clock';
import { Scheduler, type CooperativeTask } from '../cooperative/scheduler';

/**
 * Runs cooperative calls without timers, for tests: each task has one slice per turn, in turn, and the turns
 * follow each other in microtasks. Generators by time run to their end in their first slice; async methods ask the
 * clock, and pause when they find themselves due.
 *
 * @example container.register(executorToken('cooperative'), { useValue: new DeterministicScheduler() });
 */
export class DeterministicScheduler extends Scheduler {
  /** How many turns it has given. */
  turns = 0;
  #tasks: CooperativeTask[] = [];
  #isScheduled = false;

  override add(task: CooperativeTask): void {
    this.#tasks.push(task);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    clock.microtask(() => {
      this.#isScheduled = false;
      this.turns++;
      const tasks = this.#tasks;
      this.#tasks = [];
      for (const task of tasks) if (!task.advance(Infinity)) this.#tasks.push(task);
      if (this.#tasks.length > 0) this.#schedule();
    });
  }
}
